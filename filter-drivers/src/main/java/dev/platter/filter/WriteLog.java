package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A log of writes that grows at its end. Threads: one at a time. */
final class WriteLog {
  private final BlockNode node;
  private final int sectorBytes;
  private final long updateInterval;
  private long entryCount;
  private long nextSector;

  /**
   * @param node where the log lies; borrowed
   * @param updateInterval entries between two updates of the super block, at least 1
   * @param entryCount entries that are in the log already
   * @param nextSector the first sector behind them
   */
  WriteLog(BlockNode node, int sectorBytes, long updateInterval, long entryCount, long nextSector) {
    this.node = node;
    this.sectorBytes = sectorBytes;
    this.updateInterval = updateInterval;
    this.entryCount = entryCount;
    this.nextSector = nextSector;
  }

  int sectorBytes() {
    return sectorBytes;
  }

  /** Logs a write of whole sectors. */
  void write(long offset, MemorySegment bytes) throws IOException {
    append(entry(offset, bytes.byteSize(), 0), new byte[0]);
    node.write(nextSector * sectorBytes, bytes);
    nextSector += bytes.byteSize() / sectorBytes;
    updateIfDue();
  }

  /** Logs a zero-write of whole sectors. */
  void writeZeroes(long offset, long length) throws IOException {
    append(entry(offset, length, 0), new byte[0]);
    node.writeZeroes(nextSector * sectorBytes, length, ZeroMode.MAY_UNMAP);
    nextSector += length / sectorBytes;
    updateIfDue();
  }

  /** Logs a discard of whole sectors. */
  void discard(long offset, long length) throws IOException {
    append(entry(offset, length, LogHeader.DISCARD), new byte[0]);
    updateIfDue();
  }

  /** Logs a mark; of a text that does not fit its beginning. */
  void mark(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] fitting = Arrays.copyOf(bytes, Math.min(bytes.length, room()));
    append(new LogHeader.Entry(0, 0, LogHeader.MARK, fitting.length), fitting);
    updateIfDue();
  }

  /** Logs a flush, and makes the log durable. */
  void flush() throws IOException {
    append(entry(0, 0, LogHeader.FLUSH), new byte[0]);
    update();
  }

  /** The kernel keeps a byte behind a mark's text. */
  private int room() {
    return sectorBytes - LogHeader.ENTRY_BYTES - 1;
  }

  private LogHeader.Entry entry(long offset, long length, long flags) {
    return new LogHeader.Entry(offset / sectorBytes, length / sectorBytes, flags, 0);
  }

  private void append(LogHeader.Entry entry, byte[] text) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(sectorBytes);
    entry.encode(sector);
    sector.put(LogHeader.ENTRY_BYTES, text);
    node.write(nextSector * sectorBytes, sector);
    nextSector++;
    entryCount++;
  }

  private void updateIfDue() throws IOException {
    if (entryCount % updateInterval == 0) {
      update();
    }
  }

  /** Counts all entries in the super block, and makes the log durable. */
  void update() throws IOException {
    byte[] superBlock = LogHeader.Super.of(entryCount, sectorBytes).encode();
    node.write(0, MemorySegment.ofArray(superBlock).asSlice(0, sectorBytes));
    node.flush();
  }
}

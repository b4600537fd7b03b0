package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a log of writes, as the kernel's dm-log-writes or {@code blklogwrites} wrote it. */
public final class WriteLogReader {
  private static final int MAXIMUM_SECTOR_BYTES = 1 << 23;

  private final BlockNode node;
  private final int sectorBytes;
  private final long entryCount;
  private long nextEntry;
  private long nextSector = 1;

  /**
   * Reads the super block.
   *
   * @param node where the log lies; borrowed
   * @throws ImageFormatException if it is no such log
   */
  public WriteLogReader(BlockNode node) throws IOException {
    this.node = node;
    if (node.size() < 512) {
      throw damaged("the super block is cut off");
    }
    LogHeader.Super found = LogHeader.Super.decode(read(0, 512));
    if (found.magic() != LogHeader.MAGIC) {
      throw damaged("Invalid log superblock magic");
    }
    if (found.version() != LogHeader.VERSION) {
      throw damaged("Unsupported log version " + found.version());
    }
    int bytes = found.sectorBytes();
    if (bytes < 512 || bytes > MAXIMUM_SECTOR_BYTES || Integer.bitCount(bytes) != 1) {
      throw damaged("Invalid log sector size " + Integer.toUnsignedString(bytes));
    }
    this.sectorBytes = bytes;
    this.entryCount = found.entryCount();
  }

  /** All entries of a log, in order. */
  public static List<LogEntry> readAll(BlockNode node) throws IOException {
    WriteLogReader reader = new WriteLogReader(node);
    List<LogEntry> entries = new ArrayList<>();
    while (reader.hasNext()) {
      entries.add(reader.next());
    }
    return entries;
  }

  /** Bytes in a sector of the log. */
  public int sectorBytes() {
    return sectorBytes;
  }

  /** How many entries the super block counts. */
  public long entryCount() {
    return entryCount;
  }

  /** Whether there is another entry. */
  public boolean hasNext() {
    return nextEntry < entryCount;
  }

  /**
   * The next entry.
   *
   * @throws ImageFormatException if it is damaged
   */
  public LogEntry next() throws IOException {
    long bytesAt = (nextSector + 1) * sectorBytes;
    ByteBuffer sector = read(nextSector * sectorBytes, sectorBytes);
    LogHeader.Entry entry = skip();
    if (entry.has(LogHeader.MARK)) {
      byte[] text = new byte[(int) entry.textBytes()];
      sector.get(LogHeader.ENTRY_BYTES, text);
      return new LogEntry.Mark(new String(text, StandardCharsets.UTF_8));
    }
    if (entry.has(LogHeader.DISCARD)) {
      return new LogEntry.Discard(
          entry.sectorIndex() * sectorBytes, entry.sectorCount() * sectorBytes);
    }
    if (entry.sectorCount() == 0) {
      return new LogEntry.Flush();
    }
    MemorySegment bytes =
        MemorySegment.ofBuffer(read(bytesAt, (int) (entry.sectorCount() * sectorBytes)));
    return new LogEntry.Write(
        entry.sectorIndex() * sectorBytes, bytes.asReadOnly(), entry.has(LogHeader.FUA));
  }

  /** Passes over the next entry. */
  LogHeader.Entry skip() throws IOException {
    LogHeader.Entry entry = LogHeader.Entry.decode(read(nextSector * sectorBytes, sectorBytes));
    if ((entry.flags() & ~LogHeader.KNOWN_FLAGS) != 0) {
      throw damaged("Invalid flags 0x%x in log entry %d".formatted(entry.flags(), nextEntry));
    }
    long longest = Integer.MAX_VALUE / sectorBytes;
    boolean fits =
        entry.sectorIndex() >= 0
            && entry.sectorIndex() <= Long.MAX_VALUE / sectorBytes
            && entry.sectorCount() >= 0
            && (entry.sectorCount() <= longest || entry.has(LogHeader.DISCARD))
            && entry.textBytes() >= 0
            && entry.textBytes() <= sectorBytes - LogHeader.ENTRY_BYTES;
    if (!fits) {
      throw damaged("Invalid log entry %d: %s".formatted(nextEntry, entry));
    }
    nextSector += entry.logSectorCount();
    nextEntry++;
    return entry;
  }

  /** The first sector behind the entries that were read. */
  long nextSector() {
    return nextSector;
  }

  /** Bytes of the log; those of zero-writes may be missing at its end. */
  private ByteBuffer read(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    long present = Math.clamp(node.size() - offset, 0, length);
    node.read(offset, MemorySegment.ofArray(bytes).asSlice(0, present));
    return ByteBuffer.wrap(bytes);
  }

  private ImageFormatException damaged(String what) {
    return new ImageFormatException(node.name(), what);
  }
}

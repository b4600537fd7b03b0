package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.MarkedLog;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Logs what changes the node below.
 *
 * <p>As a log has whole sectors, a request that does not is logged together with the bytes around
 * it. Changes, flushes and marks run one at a time, each below before it is in the log: so the
 * log's order is the order in which they took effect, and what stands before a flush is durable.
 */
final class LogWritesNode extends ForwardingNode implements MarkedLog {
  private final WriteLog log;

  LogWritesNode(String name, BlockNode below, WriteLog log) {
    super(name, below);
    this.log = log;
  }

  @Override
  public BlockLimits limits() {
    BlockLimits limits = super.limits();
    return new BlockLimits(
        Math.max(limits.requestAlignmentBytes(), log.sectorBytes()),
        limits.memoryAlignmentBytes(),
        limits.optimalTransferBytes(),
        limits.zeroAlignmentBytes(),
        limits.discardAlignmentBytes(),
        limits.maxTransferBytes());
  }

  @Override
  public synchronized void write(long offset, MemorySegment src) throws IOException {
    super.write(offset, src);
    logWrite(offset, src.byteSize());
  }

  @Override
  public synchronized void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    super.writeZeroes(offset, length, mode);
    int sectorBytes = log.sectorBytes();
    if (offset % sectorBytes == 0 && length % sectorBytes == 0) {
      if (length > 0) {
        log.writeZeroes(offset, length);
      }
    } else {
      logWrite(offset, length);
    }
  }

  /**
   * A discard is logged as far as it covers whole sectors; the rest keeps its bytes in a replay.
   */
  @Override
  public synchronized void discard(long offset, long length) throws IOException {
    super.discard(offset, length);
    int sectorBytes = log.sectorBytes();
    long start = Math.ceilDiv(offset, sectorBytes) * sectorBytes;
    long end = (offset + length) / sectorBytes * sectorBytes;
    if (start < end) {
      log.discard(start, end - start);
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    super.flush();
    log.flush();
  }

  @Override
  public synchronized void mark(String text) throws IOException {
    log.mark(text);
  }

  @Override
  public synchronized void close() throws IOException {
    log.update();
  }

  /** Logs what the sectors hold now that a range touches; behind the end of the node, zeros. */
  private void logWrite(long offset, long length) throws IOException {
    if (length == 0) {
      return;
    }
    int sectorBytes = log.sectorBytes();
    long start = offset / sectorBytes * sectorBytes;
    long end = Math.ceilDiv(offset + length, sectorBytes) * sectorBytes;
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(end - start)]);
    below().read(start, bytes.asSlice(0, Math.min(below().size(), end) - start));
    log.write(start, bytes);
  }
}

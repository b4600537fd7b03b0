package dev.platter.graph;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Native memory for the copied edges of allocating writes, kept for reuse up to a bound. Aligned
 * for direct I/O. Threads: any.
 */
final class ScratchMemory {
  private static final long ALIGNMENT_BYTES = 4096;
  private static final long MAX_KEPT_BYTES = 1 << 20;

  private final ConcurrentLinkedQueue<MemorySegment> kept = new ConcurrentLinkedQueue<>();
  private final AtomicLong keptBytes = new AtomicLong();

  /**
   * Takes memory of at least {@code length} bytes, whose contents are arbitrary. What is not given
   * back is freed by the garbage collector.
   */
  MemorySegment take(long length) {
    MemorySegment memory = kept.poll();
    if (memory != null) {
      keptBytes.addAndGet(-memory.byteSize());
      if (memory.byteSize() >= length) {
        return memory;
      }
    }
    long rounded = Long.highestOneBit(Math.max(ALIGNMENT_BYTES, length) * 2 - 1);
    return Arena.ofAuto().allocate(rounded, ALIGNMENT_BYTES);
  }

  /** Gives back what {@link #take} returned. */
  void give(MemorySegment memory) {
    if (keptBytes.addAndGet(memory.byteSize()) <= MAX_KEPT_BYTES) {
      kept.add(memory);
    } else {
      keptBytes.addAndGet(-memory.byteSize());
    }
  }
}

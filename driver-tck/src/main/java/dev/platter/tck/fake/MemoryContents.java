package dev.platter.tck.fake;

import dev.platter.api.Ranges;
import dev.platter.api.error.OutOfRangeException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The sparse bytes behind memory nodes: 64 KiB chunks, absent where nothing was written.
 *
 * <ul>
 *   <li>I1. A chunk's bytes are touched only under the chunk's stripe. A sector lies within one
 *       chunk, so every sector is a linearizable register.
 *   <li>I2. Requests hold {@code shape} shared; resizing, copying and punching whole chunks hold it
 *       exclusively. A copy is therefore a moment between requests, never one within them.
 *   <li>I3. Bytes at and beyond {@code size} are zeros, so that growth needs no clearing.
 * </ul>
 */
final class MemoryContents {
  static final int CHUNK_BYTES = 64 << 10;
  private static final int STRIPE_COUNT = 64;

  private final Map<Long, byte[]> chunks = new ConcurrentHashMap<>();
  private final AtomicLong size = new AtomicLong();
  private final ReentrantReadWriteLock shape = new ReentrantReadWriteLock();
  private final Object[] stripes = new Object[STRIPE_COUNT];
  private final LongAdder discardedBytes = new LongAdder();

  MemoryContents(long size) {
    if (size < 0) {
      throw new IllegalArgumentException("size is " + size);
    }
    this.size.set(size);
    Arrays.setAll(stripes, _ -> new Object());
  }

  long size() {
    return size.get();
  }

  long discardedBytes() {
    return discardedBytes.sum();
  }

  long allocatedBytes() {
    return (long) chunks.size() * CHUNK_BYTES;
  }

  MemoryContents copy() {
    return exclusively(
        () -> {
          MemoryContents copy = new MemoryContents(size.get());
          chunks.forEach((index, chunk) -> copy.chunks.put(index, chunk.clone()));
          return copy;
        });
  }

  void read(String node, long offset, MemorySegment dst) throws OutOfRangeException {
    Lock lock = shape.readLock();
    lock.lock();
    try {
      Ranges.check(node, size.get(), offset, dst.byteSize());
      for (long at = 0; at < dst.byteSize(); ) {
        int start = offsetInChunk(offset + at);
        int count = (int) Math.min(CHUNK_BYTES - start, dst.byteSize() - at);
        readChunk(chunkIndex(offset + at), start, dst.asSlice(at, count));
        at += count;
      }
    } finally {
      lock.unlock();
    }
  }

  void write(String node, long offset, MemorySegment src) throws OutOfRangeException {
    checkGrowable(node, offset, src.byteSize());
    Lock lock = shape.readLock();
    lock.lock();
    try {
      for (long at = 0; at < src.byteSize(); ) {
        int start = offsetInChunk(offset + at);
        int count = (int) Math.min(CHUNK_BYTES - start, src.byteSize() - at);
        writeChunk(chunkIndex(offset + at), start, src.asSlice(at, count));
        at += count;
      }
      if (src.byteSize() > 0) {
        size.accumulateAndGet(offset + src.byteSize(), Math::max);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Zeros a range, and grows to its end. */
  void zero(String node, long offset, long length, boolean unmap) throws OutOfRangeException {
    checkGrowable(node, offset, length);
    exclusively(
        () -> {
          long oldEnd = Math.min(offset + length, size.get());
          clear(offset, oldEnd, unmap);
          if (length > 0) {
            size.accumulateAndGet(offset + length, Math::max);
          }
          return null;
        });
  }

  void discard(String node, long offset, long length) throws OutOfRangeException {
    Ranges.check(node, size.get(), offset, length);
    exclusively(
        () -> {
          clear(offset, offset + length, true);
          discardedBytes.add(length);
          return null;
        });
  }

  void resize(long newSize) {
    exclusively(
        () -> {
          clear(newSize, size.get(), true);
          size.set(newSize);
          return null;
        });
  }

  /** How many bytes from {@code offset} lie in chunks that are all present, or all absent. */
  long runLength(long offset, long length) {
    boolean present = present(offset);
    long end = offset + length;
    long at = Math.min(end, Ranges.alignDown(offset, CHUNK_BYTES) + CHUNK_BYTES);
    while (at < end && present(at) == present) {
      at = Math.min(end, at + CHUNK_BYTES);
    }
    return at - offset;
  }

  boolean present(long offset) {
    return chunks.containsKey(chunkIndex(offset));
  }

  private void readChunk(long index, int start, MemorySegment dst) {
    synchronized (stripe(index)) {
      byte[] chunk = chunks.get(index);
      if (chunk == null) {
        dst.fill((byte) 0);
      } else {
        MemorySegment.copy(MemorySegment.ofArray(chunk), start, dst, 0, dst.byteSize());
      }
    }
  }

  private void writeChunk(long index, int start, MemorySegment src) {
    synchronized (stripe(index)) {
      byte[] chunk = chunks.computeIfAbsent(index, _ -> new byte[CHUNK_BYTES]);
      MemorySegment.copy(
          src, ValueLayout.JAVA_BYTE, 0, chunk, start, Math.toIntExact(src.byteSize()));
    }
  }

  /** Called with the shape held exclusively. Walks the chunks there are, not the range. */
  private void clear(long start, long end, boolean unmap) {
    chunks
        .entrySet()
        .removeIf(
            entry -> {
              long chunkStart = entry.getKey() * CHUNK_BYTES;
              long from = Math.max(start, chunkStart);
              long to = Math.min(end, chunkStart + CHUNK_BYTES);
              if (from >= to) {
                return false;
              }
              Arrays.fill(
                  entry.getValue(), (int) (from - chunkStart), (int) (to - chunkStart), (byte) 0);
              return unmap && to - from == CHUNK_BYTES;
            });
  }

  private static void checkGrowable(String node, long offset, long length)
      throws OutOfRangeException {
    Ranges.check(node, Long.MAX_VALUE, offset, length);
  }

  private <T> T exclusively(Supplier<T> action) {
    Lock lock = shape.writeLock();
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private Object stripe(long chunkIndex) {
    return stripes[(int) (chunkIndex % STRIPE_COUNT)];
  }

  private static long chunkIndex(long offset) {
    return offset / CHUNK_BYTES;
  }

  private static int offsetInChunk(long offset) {
    return (int) (offset % CHUNK_BYTES);
  }
}

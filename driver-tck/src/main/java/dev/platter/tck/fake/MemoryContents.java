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
 *   <li>I4. A chunk that was copied belongs to both copies and never changes again: whoever writes
 *       to it puts a chunk of its own in its place. So a copy costs no bytes until it is used.
 * </ul>
 */
final class MemoryContents {
  static final int CHUNK_BYTES = 64 << 10;
  private static final int STRIPE_COUNT = 64;
  private static final long FINGERPRINT_FACTOR = 0x9e3779b97f4a7c15L;

  private final Map<Long, Chunk> chunks = new ConcurrentHashMap<>();
  private final AtomicLong size = new AtomicLong();
  private final ReentrantReadWriteLock shape = new ReentrantReadWriteLock();
  private final Object[] stripes = new Object[STRIPE_COUNT];
  private final LongAdder discardedBytes = new LongAdder();

  private static final class Chunk {
    private final byte[] bytes;
    private volatile boolean shared;

    /** Its fingerprint once it is shared; 0 until somebody asks. */
    private volatile long knownFingerprint;

    Chunk(byte[] bytes) {
      this.bytes = bytes;
    }

    long fingerprint() {
      long known = knownFingerprint;
      if (known != 0) {
        return known;
      }
      long hash = 0;
      MemorySegment words = MemorySegment.ofArray(bytes);
      for (long at = 0; at < CHUNK_BYTES; at += Long.BYTES) {
        hash = hash * FINGERPRINT_FACTOR + words.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
      }
      if (shared) {
        knownFingerprint = hash;
      }
      return hash;
    }
  }

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
          chunks.forEach(
              (index, chunk) -> {
                chunk.shared = true; // I4
                copy.chunks.put(index, chunk);
              });
          return copy;
        });
  }

  /** A number that two contents of the same bytes share, and others hardly ever. */
  long fingerprint() {
    return exclusively(
        () -> {
          long sum = size.get() * FINGERPRINT_FACTOR;
          for (Map.Entry<Long, Chunk> entry : chunks.entrySet()) {
            long hash = entry.getValue().fingerprint(); // 0 for zeros, which may be absent too
            sum += Long.rotateLeft(hash * FINGERPRINT_FACTOR, (int) (entry.getKey() % 63)) * hash;
          }
          return sum;
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
      Chunk chunk = chunks.get(index);
      if (chunk == null) {
        dst.fill((byte) 0);
      } else {
        MemorySegment.copy(MemorySegment.ofArray(chunk.bytes), start, dst, 0, dst.byteSize());
      }
    }
  }

  private void writeChunk(long index, int start, MemorySegment src) {
    synchronized (stripe(index)) {
      Chunk chunk = chunks.compute(index, (_, old) -> own(old));
      MemorySegment.copy(
          src, ValueLayout.JAVA_BYTE, 0, chunk.bytes, start, Math.toIntExact(src.byteSize()));
    }
  }

  /** The chunk, or one in its place, that may be changed (I4). */
  private static Chunk own(Chunk chunk) {
    if (chunk == null) {
      return new Chunk(new byte[CHUNK_BYTES]);
    }
    return chunk.shared ? new Chunk(chunk.bytes.clone()) : chunk;
  }

  /** Called with the shape held exclusively. Walks the chunks there are, not the range. */
  private void clear(long start, long end, boolean unmap) {
    if (unmap) {
      chunks
          .keySet()
          .removeIf(index -> start <= index * CHUNK_BYTES && (index + 1) * CHUNK_BYTES <= end);
    }
    chunks.replaceAll((index, chunk) -> cleared(chunk, index * CHUNK_BYTES, start, end));
  }

  private static Chunk cleared(Chunk chunk, long chunkStart, long start, long end) {
    int from = Math.clamp(start - chunkStart, 0, CHUNK_BYTES);
    int to = Math.clamp(end - chunkStart, 0, CHUNK_BYTES);
    if (from >= to) {
      return chunk;
    }
    Chunk own = own(chunk);
    Arrays.fill(own.bytes, from, to, (byte) 0);
    return own;
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

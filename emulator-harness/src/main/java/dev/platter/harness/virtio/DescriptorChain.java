package dev.platter.harness.virtio;

import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import dev.platter.harness.memory.RecentSlices;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The buffers of one request: first those that the device reads, then those that it writes. A copy
 * of the guest's descriptors, validated when it was made; the guest cannot change it any more.
 *
 * <p>Reusable: {@link Virtqueue#pop} overwrites it. Threads: one at a time.
 */
public final class DescriptorChain {
  /** The most buffers in a chain, however large its table is; what QEMU allows too. */
  public static final int MAX_BUFFERS = 1024;

  private static final int USUAL_BUFFERS = 4;

  private final GuestMemory memory;
  private final Slices slices;
  private long[] addresses = new long[USUAL_BUFFERS];
  private long[] lengths = new long[USUAL_BUFFERS];
  private int headIndex;
  private int bufferCount;
  private int readableCount;
  private long readableBytes;
  private long writableBytes;

  /** Where the segments of buffers come from: {@link GuestMemory#slices}, or what does the same. */
  private interface Slices {
    void append(long guestAddress, long length, List<MemorySegment> into)
        throws GuestMemoryException;
  }

  /**
   * @param memory where the buffers of all chains to be held lie
   */
  public DescriptorChain(GuestMemory memory) {
    this.memory = memory;
    this.slices = memory::slices;
  }

  /**
   * A chain that shares segments with others.
   *
   * @param memory where the buffers of all chains to be held lie
   * @param recent of the same memory; used by the thread that asks for slices
   */
  public DescriptorChain(GuestMemory memory, RecentSlices recent) {
    this.memory = memory;
    this.slices = recent::slices;
  }

  /** The index of the first descriptor: what the used ring gives back to the guest. */
  public int headIndex() {
    return headIndex;
  }

  /** How many buffers the device reads. */
  public int readableCount() {
    return readableCount;
  }

  /** How many buffers the device writes. */
  public int writableCount() {
    return bufferCount - readableCount;
  }

  /** The sum of the sizes of the buffers that the device reads. */
  public long readableBytes() {
    return readableBytes;
  }

  /** The sum of the sizes of the buffers that the device writes. */
  public long writableBytes() {
    return writableBytes;
  }

  /**
   * Appends the memory of a part of what the device reads, as if its buffers were one.
   *
   * @param offset first byte, counted over all readable buffers
   * @param length {@code offset + length <= readableBytes()}
   * @param into gets one segment for each buffer, or more where one crosses regions
   */
  public void readableSlices(long offset, long length, List<MemorySegment> into) {
    slices(0, readableCount, offset, length, into);
  }

  /** The same for what the device writes. */
  public void writableSlices(long offset, long length, List<MemorySegment> into) {
    slices(readableCount, bufferCount, offset, length, into);
  }

  /**
   * Eight bytes of what the device reads, as a little-endian number.
   *
   * @param offset first byte, counted over all readable buffers; {@code offset + 8 <=
   *     readableBytes()}
   */
  public long readLong(long offset) {
    try {
      if (readableCount > 0 && offset + Long.BYTES <= lengths[0]) {
        return memory.readLong(addresses[0] + offset);
      }
      List<MemorySegment> pieces = new ArrayList<>();
      readableSlices(offset, Long.BYTES, pieces);
      long value = 0;
      int shift = 0;
      for (MemorySegment piece : pieces) {
        for (long i = 0; i < piece.byteSize(); i++) {
          value |= (piece.get(ValueLayout.JAVA_BYTE, i) & 0xffL) << shift;
          shift += Byte.SIZE;
        }
      }
      return value;
    } catch (GuestMemoryException e) {
      throw new IllegalStateException(e); // validated by add
    }
  }

  /** The guest address of the last byte that the device writes; there must be one. */
  public long lastWritableAddress() {
    if (writableBytes == 0) {
      throw new IllegalStateException("no writable buffer");
    }
    return addresses[bufferCount - 1] + lengths[bufferCount - 1] - 1;
  }

  /** Forgets everything and begins a chain at this head. */
  void begin(int headIndex) {
    this.headIndex = headIndex;
    bufferCount = 0;
    readableCount = 0;
    readableBytes = 0;
    writableBytes = 0;
  }

  /** Takes one more buffer of the chain. */
  void add(long address, long length, boolean writable) throws VirtqueueException {
    if (length == 0) {
      throw new VirtqueueException("virtio: zero sized buffers are not allowed");
    }
    if (bufferCount == MAX_BUFFERS) {
      throw new VirtqueueException(
          "Descriptor chain has more than %d buffers".formatted(MAX_BUFFERS));
    }
    if (!writable && bufferCount > readableCount) {
      throw new VirtqueueException("Incorrect order for descriptors");
    }
    if (!memory.contains(address, length)) {
      throw new VirtqueueException(
          "virtio: bogus descriptor or out of resources: 0x%x + %d bytes"
              .formatted(address, length));
    }
    if (bufferCount == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * bufferCount);
      lengths = Arrays.copyOf(lengths, 2 * bufferCount);
    }
    addresses[bufferCount] = address;
    lengths[bufferCount] = length;
    bufferCount++;
    if (writable) {
      writableBytes += length;
    } else {
      readableCount++;
      readableBytes += length;
    }
  }

  private void slices(int from, int to, long offset, long length, List<MemorySegment> into) {
    long skip = offset;
    long left = length;
    for (int i = from; i < to && left > 0; i++) {
      if (skip >= lengths[i]) {
        skip -= lengths[i];
        continue;
      }
      long take = Math.min(left, lengths[i] - skip);
      try {
        slices.append(addresses[i] + skip, take, into);
      } catch (GuestMemoryException e) {
        throw new IllegalStateException(e); // validated by add
      }
      skip = 0;
      left -= take;
    }
    if (left > 0) {
      throw new IndexOutOfBoundsException("slice past the buffers");
    }
  }
}

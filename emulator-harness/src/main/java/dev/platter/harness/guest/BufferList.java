package dev.platter.harness.guest;

import java.util.Arrays;

/** The buffers of a request, as a {@link Framing} cuts them. Reusable; one thread at a time. */
public final class BufferList {
  private long[] addresses = new long[4];
  private int[] lengths = new int[4];
  private int count;
  private int readableCount;

  /** Adds a buffer that the device reads; before all that it writes. */
  public void readable(long address, int length) {
    if (readableCount < count) {
      throw new IllegalStateException("a readable buffer after a writable one");
    }
    add(address, length);
    readableCount = count;
  }

  /** Adds a buffer that the device writes. */
  public void writable(long address, int length) {
    add(address, length);
  }

  int count() {
    return count;
  }

  long address(int index) {
    return addresses[index];
  }

  int length(int index) {
    return lengths[index];
  }

  boolean isWritable(int index) {
    return index >= readableCount;
  }

  void clear() {
    count = 0;
    readableCount = 0;
  }

  private void add(long address, int length) {
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    addresses[count] = address;
    lengths[count] = length;
    count++;
  }
}

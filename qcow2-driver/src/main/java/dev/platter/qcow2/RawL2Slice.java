package dev.platter.qcow2;

import java.nio.ByteBuffer;

/** A slice that keeps each entry as one word. */
final class RawL2Slice implements L2Slice {
  private static final int OBJECT_BYTES = HeapBytes.object(HeapBytes.REFERENCE + Integer.BYTES);

  private final long[] entries;
  private final int clusterBits;

  /**
   * @param entries kept, and never changed from here on
   */
  RawL2Slice(long[] entries, int clusterBits) {
    this.entries = entries;
    this.clusterBits = clusterBits;
  }

  /** What a slice of so many entries takes. */
  static int heldBytes(int entryCount) {
    return OBJECT_BYTES + HeapBytes.array((long) entryCount * Long.BYTES);
  }

  @Override
  public int entryCount() {
    return entries.length;
  }

  @Override
  public int clusterBits() {
    return clusterBits;
  }

  @Override
  public long entry(int index) {
    return entries[index];
  }

  @Override
  public int run(int index, int maximum) {
    int end = (int) Math.min(entries.length, (long) index + maximum);
    int next = index + 1;
    while (next < end && L2Entry.follows(entries[next - 1], entries[next], clusterBits)) {
      next++;
    }
    return next - index;
  }

  @Override
  public int heldBytes() {
    return heldBytes(entries.length);
  }

  @Override
  public long[] words() {
    return entries.clone();
  }

  @Override
  public void encode(ByteBuffer bytes) {
    bytes.asLongBuffer().put(entries);
    bytes.position(bytes.position() + entries.length * Long.BYTES);
  }
}

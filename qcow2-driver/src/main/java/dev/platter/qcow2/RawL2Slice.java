package dev.platter.qcow2;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A slice that keeps each entry as one word. */
final class RawL2Slice implements L2Slice {
  private final long[] entries;
  private final int clusterBits;

  private RawL2Slice(long[] entries, int clusterBits) {
    this.entries = entries;
    this.clusterBits = clusterBits;
  }

  /** Decodes all remaining bytes. */
  static RawL2Slice decode(ByteBuffer bytes, int clusterBits) {
    long[] entries = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(entries);
    return new RawL2Slice(entries, clusterBits);
  }

  /** A slice in which nothing is allocated. */
  static RawL2Slice empty(int entryCount, int clusterBits) {
    return new RawL2Slice(new long[entryCount], clusterBits);
  }

  @Override
  public int entryCount() {
    return entries.length;
  }

  @Override
  public long entry(int index) {
    return entries[index];
  }

  @Override
  public int run(int index, int maximum) {
    long first = entries[index];
    if ((first & L2Entry.COMPRESSED) != 0) {
      return 1;
    }
    long step = L2Entry.clusterOffset(first) == 0 ? 0 : 1L << clusterBits;
    int end = (int) Math.min(entries.length, (long) index + maximum);
    long expected = first + step;
    int next = index + 1;
    while (next < end && entries[next] == expected) {
      expected += step;
      next++;
    }
    return next - index;
  }

  @Override
  public int heldBytes() {
    return entries.length * Long.BYTES;
  }

  @Override
  public L2Slice with(int index, long... replacements) {
    long[] changed = Arrays.copyOf(entries, entries.length);
    System.arraycopy(replacements, 0, changed, index, replacements.length);
    return new RawL2Slice(changed, clusterBits);
  }

  @Override
  public void encode(ByteBuffer bytes) {
    bytes.asLongBuffer().put(entries);
    bytes.position(bytes.position() + heldBytes());
  }
}

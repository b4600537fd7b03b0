package dev.platter.qcow2;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes of metadata on their way to the file.
 *
 * @param hostOffset where they go
 * @param bytes a copy of their own, all remaining
 */
record PendingWrite(long hostOffset, ByteBuffer bytes) {

  /** One entry of a table. */
  static PendingWrite word(long hostOffset, long word) {
    return new PendingWrite(hostOffset, ByteBuffer.allocate(Long.BYTES).putLong(word).flip());
  }

  /** Whether the next write could go on where this one ends. */
  boolean endsAt(long nextOffset) {
    return hostOffset + bytes.remaining() == nextOffset;
  }

  /** One write of several that follow each other without a gap; at least one. */
  static PendingWrite join(List<PendingWrite> writes) {
    if (writes.size() == 1) {
      return writes.getFirst();
    }
    int length = writes.stream().mapToInt(write -> write.bytes().remaining()).sum();
    ByteBuffer joined = ByteBuffer.allocate(length);
    writes.forEach(write -> joined.put(write.bytes().duplicate()));
    return new PendingWrite(writes.getFirst().hostOffset(), joined.flip());
  }
}

package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;

/**
 * What one stage of a write-back takes to the file, in any order. What is adjacent there is written
 * together, up to a bound: so the memory for it does not grow with what is dirty.
 *
 * <p>Threads: one.
 */
final class PendingWrites {
  /** The most that is joined; what is larger by itself is written by itself. */
  static final int MOST_JOINED_BYTES = 1 << 20;

  private static final Comparator<PendingWrite> BY_OFFSET =
      Comparator.comparingLong(PendingWrite::hostOffset);

  private final List<PendingWrite> writes = new ArrayList<>();

  void add(PendingWrite write) {
    writes.add(write);
  }

  /** Takes all entries of a table, which must not change any more. */
  void addTable(long hostOffset, long[] entries) {
    int most = MOST_JOINED_BYTES / Long.BYTES;
    for (int first = 0; first < entries.length; first += most) {
      LongBuffer piece = LongBuffer.wrap(entries, first, Math.min(most, entries.length - first));
      add(new PendingWrite.Words(hostOffset + (long) first * Long.BYTES, piece));
    }
  }

  boolean isEmpty() {
    return writes.isEmpty();
  }

  /**
   * Writes all, by ascending offset.
   *
   * @param events QEMU's word for a write at an offset
   */
  void writeTo(ImageFile file, LongFunction<String> events) throws IOException {
    if (writes.isEmpty()) {
      return;
    }
    writes.sort(BY_OFFSET);
    ByteBuffer buffer = ByteBuffer.allocate(mostTogether());
    int from = 0;
    while (from < writes.size()) {
      int to = endOfRun(from);
      buffer.clear();
      for (int i = from; i < to; i++) {
        writes.get(i).encode(buffer);
      }
      long offset = writes.get(from).hostOffset();
      file.announce(events.apply(offset));
      file.write(offset, buffer.flip());
      from = to;
    }
  }

  /** The most bytes that go in one write. */
  private int mostTogether() {
    long most = 0;
    int from = 0;
    while (from < writes.size()) {
      int to = endOfRun(from);
      most = Math.max(most, writes.get(to - 1).endOffset() - writes.get(from).hostOffset());
      from = to;
    }
    return Math.toIntExact(most);
  }

  /** The end of what is written together with the write at an index. */
  private int endOfRun(int from) {
    long start = writes.get(from).hostOffset();
    int to = from + 1;
    while (to < writes.size()
        && writes.get(to).hostOffset() == writes.get(to - 1).endOffset()
        && writes.get(to).endOffset() - start <= MOST_JOINED_BYTES) {
      to++;
    }
    return to;
  }
}

package dev.platter.graph;

import dev.platter.api.IoVector;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps a disk that was taken for raw by looking at it from being given the head of another format.
 *
 * <p>Otherwise a guest could write, say, a qcow2 header that names a host file as its backing file,
 * and read that file after the next start. Writes to the head are checked and done one at a time,
 * so that no two of them make together what neither makes alone.
 */
final class HeadGuard {
  private static final int HEAD_BYTES = FormatDriverProvider.PROBE_BYTES;

  private final Prober prober;
  private final RangeLock lock = new RangeLock();

  HeadGuard(Prober prober) {
    this.prober = prober;
  }

  /** A change to guest bytes. */
  @FunctionalInterface
  interface Change {
    void perform() throws IOException;
  }

  /**
   * Writes bytes unless they make the disk look like another format. Of the head, what was looked
   * at is what is written: a guest may change its memory meanwhile.
   *
   * @throws BlockIoException with EPERM if they do; nothing has been written
   */
  <M> void write(
      FormatNode node, ChainWriter writer, Transfer<M> transfer, long offset, M memory, long length)
      throws IOException {
    if (offset >= HEAD_BYTES) {
      writer.write(transfer, offset, memory, 0, length);
      return;
    }
    long inHead = Math.min(length, HEAD_BYTES - offset);
    List<MemorySegment> data = transfer.segments(memory, 0, inHead);
    withHead(
        node,
        offset,
        data,
        head -> {
          long looked = Math.min(length, head.byteSize() - offset);
          List<MemorySegment> seen = new ArrayList<>();
          seen.add(head.asSlice(offset, looked));
          if (looked < length) {
            seen.addAll(transfer.segments(memory, looked, length - looked));
          }
          writer.write(VectorTransfer.INSTANCE, offset, IoVector.of(seen), 0, length);
        });
  }

  /**
   * Does a change unless it makes the disk look like another format.
   *
   * @param offset first byte that changes
   * @param data what the bytes from there become, in memory that nobody changes; what lies beyond
   *     the head does not matter
   * @throws BlockIoException with EPERM if it does; nothing has been written
   */
  void apply(FormatNode node, long offset, List<MemorySegment> data, Change change)
      throws IOException {
    if (offset >= HEAD_BYTES) {
      change.perform();
    } else {
      withHead(node, offset, data, _ -> change.perform());
    }
  }

  /** What is done to a head that has been looked at. */
  @FunctionalInterface
  private interface HeadChange {
    void perform(MemorySegment head) throws IOException;
  }

  private void withHead(FormatNode node, long offset, List<MemorySegment> data, HeadChange change)
      throws IOException {
    try (RangeLock.Held _ = lock.lock(0, HEAD_BYTES);
        Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Math.min(HEAD_BYTES, node.size()), HEAD_BYTES);
      ChainReader.read(SegmentTransfer.INSTANCE, node, 0, head, 0, head.byteSize());
      long at = offset;
      for (MemorySegment segment : data) {
        long within = Math.clamp(head.byteSize() - at, 0, segment.byteSize());
        MemorySegment.copy(segment, 0, head, Math.min(at, head.byteSize()), within);
        at += segment.byteSize();
      }
      requireRaw(node, offset, head);
      change.perform(head);
    }
  }

  private void requireRaw(FormatNode node, long offset, MemorySegment head) throws IOException {
    String format = prober.formatName(head, node.imageName());
    if (!format.equals(Prober.RAW)) {
      throw new BlockIoException(
          node.name(),
          "write at 0x%x would make this disk, which was probed as raw, look like format '%s'"
                  .formatted(offset, format)
              + "; give format=raw to allow it",
          Errno.EPERM);
    }
  }
}

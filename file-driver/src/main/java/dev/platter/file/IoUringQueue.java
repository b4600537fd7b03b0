package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;

/**
 * An io_uring with room for one request, which is submitted and waited for by one call of the
 * kernel.
 *
 * <ul>
 *   <li>I1: what was written to an entry is there before the tail that shows it: the tail is stored
 *       with release. What a completion holds is read after its tail, which is loaded with acquire.
 *   <li>I2: a request that the kernel has taken is waited for, whatever a call returns: until then
 *       the kernel may use the memory. One that it has not taken is withdrawn when a call fails.
 * </ul>
 *
 * <p>Source: {@code linux/io_uring.h}.
 */
final class IoUringQueue implements RequestQueue {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final int EINTR = 4;

  private static final int PARAMETER_BYTES = 120;
  private static final int FEATURES_OFFSET = 20;
  private static final int FEATURE_SINGLE_MAPPING = 1;
  private static final int SUBMISSION_OFFSETS = 40;
  private static final int COMPLETION_OFFSETS = 80;
  private static final int COMPLETION_ENTRIES_OFFSET = 4;
  private static final long SUBMISSIONS_POSITION = 0x1000_0000L;
  private static final int PROTECTION_READ_WRITE = 3;
  private static final int MAP_SHARED_POPULATED = 0x8001;

  private static final int ENTRY_BYTES = 64;
  private static final int COMPLETION_BYTES = 16;
  private static final int COMPLETION_RESULT_OFFSET = 8;
  private static final byte READV = 1;
  private static final byte WRITEV = 2;
  private static final int ENTER_GET_EVENTS = 1;

  private final Enter enter;
  private final int ringFd;
  private final MemorySegment ring;
  private final MemorySegment entry;
  private final long submissionHead;
  private final long submissionTail;
  private final long completionHead;
  private final long completionTail;
  private final long completionMask;
  private final long completions;

  private IoUringQueue(
      Enter enter, int ringFd, MemorySegment parameters, MemorySegment ring, MemorySegment entry) {
    this.enter = enter;
    this.ringFd = ringFd;
    this.ring = ring;
    this.entry = entry;
    this.submissionHead = parameters.get(JAVA_INT, SUBMISSION_OFFSETS);
    this.submissionTail = parameters.get(JAVA_INT, SUBMISSION_OFFSETS + 4);
    this.completionHead = parameters.get(JAVA_INT, COMPLETION_OFFSETS);
    this.completionTail = parameters.get(JAVA_INT, COMPLETION_OFFSETS + 4);
    this.completionMask = ring.get(JAVA_INT, parameters.get(JAVA_INT, COMPLETION_OFFSETS + 8));
    this.completions = parameters.get(JAVA_INT, COMPLETION_OFFSETS + 20);
    ring.set(JAVA_INT, submissionArray(parameters), 0); // the only entry is entry 0
  }

  private static long submissionArray(MemorySegment parameters) {
    return parameters.get(JAVA_INT, SUBMISSION_OFFSETS + 24);
  }

  /** Submits requests of a ring, and waits until one is completed. */
  @FunctionalInterface
  interface Enter {
    /** By {@code io_uring_enter}. */
    Enter BY_SYSTEM_CALL =
        (ringFd, submitCount, kept) ->
            LibC.systemCall(
                SystemCall.IO_URING_ENTER, kept, ringFd, submitCount, 1, ENTER_GET_EVENTS);

    /** Returns how many were submitted, or the negative of the errno. */
    long enter(int ringFd, int submitCount, MemorySegment kept);
  }

  /** What is left to do when nothing refers to the queue any more. */
  private record Mappings(int ringFd, MemorySegment ring, MemorySegment entry) implements Runnable {
    @Override
    public void run() {
      unmap(ring);
      unmap(entry);
      LibC.close(ringFd);
    }
  }

  /**
   * Makes a queue.
   *
   * @throws UnsupportedFeatureException if the host refuses
   */
  static IoUringQueue open() throws UnsupportedFeatureException {
    return open(Enter.BY_SYSTEM_CALL);
  }

  /** Makes a queue that gets to its ring in a way of its own. */
  static IoUringQueue open(Enter enter) throws UnsupportedFeatureException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameters = arena.allocate(PARAMETER_BYTES, Long.BYTES);
      long fd = LibC.systemCall(SystemCall.IO_URING_SETUP, parameters, 1, parameters.address());
      if (fd < 0) {
        throw unusable();
      }
      return map(enter, (int) fd, parameters);
    }
  }

  private static IoUringQueue map(Enter enter, int fd, MemorySegment parameters)
      throws UnsupportedFeatureException {
    MemorySegment ring = MemorySegment.NULL;
    MemorySegment entry = MemorySegment.NULL;
    if ((parameters.get(JAVA_INT, FEATURES_OFFSET) & FEATURE_SINGLE_MAPPING) != 0) {
      long completionBytes =
          (long) parameters.get(JAVA_INT, COMPLETION_ENTRIES_OFFSET) * COMPLETION_BYTES;
      long completionEnd = parameters.get(JAVA_INT, COMPLETION_OFFSETS + 20) + completionBytes;
      long ringBytes = Math.max(completionEnd, submissionArray(parameters) + Integer.BYTES);
      ring = mapped(fd, ringBytes, 0);
      entry = mapped(fd, ENTRY_BYTES, SUBMISSIONS_POSITION);
    }
    Mappings mappings = new Mappings(fd, ring, entry);
    if (ring.byteSize() == 0 || entry.byteSize() == 0) {
      mappings.run();
      throw unusable();
    }
    IoUringQueue queue = new IoUringQueue(enter, fd, parameters, ring, entry);
    CLEANER.register(queue, mappings);
    return queue;
  }

  private static UnsupportedFeatureException unusable() {
    return new UnsupportedFeatureException(
        "Unable to use io_uring: failed to init linux io_uring ring");
  }

  /** Memory that is shared with the kernel; none if it refuses. */
  @SuppressWarnings("restricted") // the kernel has said how large it is
  private static MemorySegment mapped(int fd, long bytes, long position) {
    long address =
        LibC.systemCall(
            SystemCall.MMAP,
            MemorySegment.NULL,
            0,
            bytes,
            PROTECTION_READ_WRITE,
            MAP_SHARED_POPULATED,
            fd,
            position);
    return address < 0 ? MemorySegment.NULL : MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  private static void unmap(MemorySegment memory) {
    if (memory.byteSize() > 0) {
      LibC.systemCall(SystemCall.MUNMAP, memory, memory.address(), memory.byteSize());
    }
  }

  @Override
  public long perform(
      boolean write, int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    entry.fill((byte) 0);
    entry.set(JAVA_BYTE, 0, write ? WRITEV : READV);
    entry.set(JAVA_INT, 4, fd);
    entry.set(JAVA_LONG, 8, offset);
    entry.set(JAVA_LONG, 16, vectors.address());
    entry.set(JAVA_INT, 24, count);
    int tail = ring.get(JAVA_INT, submissionTail);
    INT.setRelease(ring, submissionTail, tail + 1); // I1
    long failure;
    try {
      failure = submit(tail, kept);
    } catch (RuntimeException | Error e) { // the memory is gone, so the kernel was not called
      giveUp(tail);
      throw e;
    }
    return failure < 0 ? failure : takeResult();
  }

  /** Keeps I2 for a request whose memory has been given back while it was under way. */
  private void giveUp(int tail) {
    if ((int) INT.getAcquire(ring, submissionHead) == tail) {
      INT.setRelease(ring, submissionTail, tail);
    } else {
      submit(tail, MemorySegment.NULL);
      takeResult();
    }
  }

  private int takeResult() {
    int head = ring.get(JAVA_INT, completionHead);
    long completion = completions + (head & completionMask) * COMPLETION_BYTES;
    int result = ring.get(JAVA_INT, completion + COMPLETION_RESULT_OFFSET);
    INT.setRelease(ring, completionHead, head + 1);
    return result;
  }

  /** Submits the entry behind {@code tail} and waits until it is completed, or never taken (I2). */
  private long submit(int tail, MemorySegment kept) {
    while (true) {
      boolean taken = (int) INT.getAcquire(ring, submissionHead) != tail;
      if (taken && completed()) {
        return 0;
      }
      long result = enter.enter(ringFd, taken ? 0 : 1, kept);
      boolean failed = result < 0 && result != -EINTR;
      if (failed && (int) INT.getAcquire(ring, submissionHead) == tail) {
        INT.setRelease(ring, submissionTail, tail);
        return result;
      }
    }
  }

  private boolean completed() {
    return (int) INT.getAcquire(ring, completionTail) != ring.get(JAVA_INT, completionHead);
  }
}

package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Optional;

/**
 * Transfers by queues of the kernel's: {@code io_uring}, or Linux's native AIO.
 *
 * <p>A node answers when a request is done, so a thread that has one in progress has nothing else
 * to do: each thread has a queue of its own, for all of its files, with room for one request. So no
 * lock is taken, and no request waits for one of another thread.
 */
final class QueuedTransfers implements HostTransfers {
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final ThreadLocal<ThreadQueue> URING = queues(IoUringQueue::open);
  private static final ThreadLocal<ThreadQueue> NATIVE = queues(NativeAioQueue::open);

  private final ThreadLocal<ThreadQueue> queues;

  private QueuedTransfers(ThreadLocal<ThreadQueue> queues) {
    this.queues = queues;
  }

  /** How a queue is made. */
  @FunctionalInterface
  interface Opening {
    RequestQueue open() throws UnsupportedFeatureException;
  }

  /** A thread's queue, and the one vector of its plain requests. */
  private static final class ThreadQueue {
    final MemorySegment vector = Arena.ofAuto().allocate(LibC.IOVEC_BYTES, Long.BYTES);
    final RequestQueue queue;
    final Optional<UnsupportedFeatureException> refusal;

    ThreadQueue(Opening opening) {
      RequestQueue opened = (_, _, _, _, _, _) -> -EAGAIN;
      Optional<UnsupportedFeatureException> refused = Optional.empty();
      try {
        opened = opening.open();
      } catch (UnsupportedFeatureException e) {
        refused = Optional.of(e);
      }
      queue = opened;
      refusal = refused;
    }
  }

  /** Transfers by io_uring. */
  static HostTransfers ioUring() throws UnsupportedFeatureException {
    return checked(URING);
  }

  /** Transfers by Linux's native AIO. */
  static HostTransfers nativeAio() throws UnsupportedFeatureException {
    return checked(NATIVE);
  }

  /** Transfers by queues that are made so. */
  static HostTransfers by(Opening opening) throws UnsupportedFeatureException {
    return checked(queues(opening));
  }

  private static ThreadLocal<ThreadQueue> queues(Opening opening) {
    return ThreadLocal.withInitial(() -> new ThreadQueue(opening));
  }

  /** Makes this thread's queue now, so that a host which has none says so when a file is opened. */
  private static HostTransfers checked(ThreadLocal<ThreadQueue> queues)
      throws UnsupportedFeatureException {
    Optional<UnsupportedFeatureException> refusal = queues.get().refusal;
    if (refusal.isPresent()) {
      queues.remove(); // there may be one later
      throw refusal.get();
    }
    return new QueuedTransfers(queues);
  }

  @Override
  public long read(int fd, MemorySegment dst, long offset) {
    return single(false, fd, dst, offset);
  }

  @Override
  public long write(int fd, MemorySegment src, long offset) {
    return single(true, fd, src, offset);
  }

  @Override
  public long readOwn(int fd, MemorySegment dst, long offset) {
    return single(false, fd, dst, offset);
  }

  @Override
  public long writeOwn(int fd, MemorySegment src, long offset) {
    return single(true, fd, src, offset);
  }

  @Override
  public long readVector(int fd, MemorySegment vectors, int count, long offset) {
    return perform(false, fd, vectors, count, offset, vectors);
  }

  @Override
  public long writeVector(int fd, MemorySegment vectors, int count, long offset) {
    return perform(true, fd, vectors, count, offset, vectors);
  }

  private long single(boolean write, int fd, MemorySegment memory, long offset) {
    MemorySegment vector = queues.get().vector;
    vector.set(JAVA_LONG, 0, memory.address());
    vector.set(JAVA_LONG, Long.BYTES, memory.byteSize());
    return perform(write, fd, vector, 1, offset, memory);
  }

  private long perform(
      boolean write, int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    ThreadQueue own = queues.get();
    long result;
    try {
      do {
        result = own.queue.perform(write, fd, vectors, count, offset, kept);
      } while (result == -EINTR);
    } finally {
      Reference.reachabilityFence(kept);
    }
    if (own.refusal.isPresent() || !own.queue.usable()) {
      queues.remove(); // this request has failed, and can be sent again
    }
    return result;
  }
}

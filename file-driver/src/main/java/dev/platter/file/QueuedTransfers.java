package dev.platter.file;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.MemorySegment;

/**
 * Transfers by queues of the kernel's: {@code io_uring}, or Linux's native AIO.
 *
 * <p>A node answers when a request is done, so a thread that has one in progress has nothing else
 * to do: each thread has a queue of its own, for all of its files, with room for one request. So no
 * lock is taken, and no request waits for one of another thread.
 *
 * <ul>
 *   <li>I1. Only opening a file is refused for want of a queue. A thread that the host gives none
 *       later, as beyond its limit of descriptors, transfers by positional calls, and asks for one
 *       again every {@value #REQUESTS_BETWEEN_TRIES} requests.
 *   <li>I2. Virtual threads have none: there may be more of them than the host has queues, and a
 *       queue goes some time after its thread only.
 * </ul>
 */
final class QueuedTransfers implements HostTransfers {
  /** How many requests a thread without a queue carries out before it asks for one again. */
  static final int REQUESTS_BETWEEN_TRIES = 1024;

  private static final ThreadLocal<Means> URING = means(IoUringQueue::open);
  private static final ThreadLocal<Means> NATIVE = means(NativeAioQueue::open);

  private final ThreadLocal<Means> means;

  private QueuedTransfers(ThreadLocal<Means> means) {
    this.means = means;
  }

  /** How a queue is made. */
  @FunctionalInterface
  interface Opening {
    RequestQueue open() throws UnsupportedFeatureException;
  }

  /** How one thread transfers. */
  private static final class Means {
    private final Opening opening;
    private HostTransfers transfers = PositionalTransfers.INSTANCE;
    private int requestsBeforeTry;

    Means(Opening opening) {
      this.opening = opening;
    }

    /** What the thread's next request is to go by. */
    HostTransfers next() {
      if (transfers instanceof ThreadQueue queue) {
        if (queue.usable()) {
          return queue;
        }
        transfers = PositionalTransfers.INSTANCE;
      }
      requestsBeforeTry--;
      if (requestsBeforeTry < 0) {
        try {
          open();
        } catch (UnsupportedFeatureException e) { // I1
          requestsBeforeTry = REQUESTS_BETWEEN_TRIES;
        }
      }
      return transfers;
    }

    /** Gives the thread a queue, if it has none. */
    void open() throws UnsupportedFeatureException {
      if (!(transfers instanceof ThreadQueue queue && queue.usable())) {
        transfers = new ThreadQueue(opening.open());
        requestsBeforeTry = 0;
      }
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
    return checked(means(opening));
  }

  private static ThreadLocal<Means> means(Opening opening) {
    return ThreadLocal.withInitial(() -> new Means(opening));
  }

  /** Makes this thread's queue now, so that a host which has none says so when a file is opened. */
  private static HostTransfers checked(ThreadLocal<Means> means)
      throws UnsupportedFeatureException {
    means.get().open();
    if (Thread.currentThread().isVirtual()) {
      means.remove(); // I2
    }
    return new QueuedTransfers(means);
  }

  private HostTransfers own() {
    return Thread.currentThread().isVirtual() ? PositionalTransfers.INSTANCE : means.get().next();
  }

  @Override
  public long read(int fd, MemorySegment dst, long offset) {
    return own().read(fd, dst, offset);
  }

  @Override
  public long write(int fd, MemorySegment src, long offset) {
    return own().write(fd, src, offset);
  }

  @Override
  public long readOwn(int fd, MemorySegment dst, long offset) {
    return own().readOwn(fd, dst, offset);
  }

  @Override
  public long writeOwn(int fd, MemorySegment src, long offset) {
    return own().writeOwn(fd, src, offset);
  }

  @Override
  public long readVector(int fd, MemorySegment vectors, int count, long offset) {
    return own().readVector(fd, vectors, count, offset);
  }

  @Override
  public long writeVector(int fd, MemorySegment vectors, int count, long offset) {
    return own().writeVector(fd, vectors, count, offset);
  }
}

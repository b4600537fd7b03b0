package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/**
 * A context of Linux's native AIO with room for one request. Of use for direct I/O only: what goes
 * through the page cache is done within the submission.
 *
 * <ul>
 *   <li>I1: the kernel is done with a request's memory when {@link #perform} returns. Where it does
 *       not say when that is, the context is destroyed, which waits for the request.
 *   <li>I2: a request gets its own event, never one of a request before it: a context that was
 *       destroyed takes no more.
 * </ul>
 *
 * <p>Source: {@code linux/aio_abi.h}.
 */
final class NativeAioQueue implements RequestQueue {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int EINTR = 4;
  private static final int EIO = 5;

  private static final short PREADV = 7;
  private static final short PWRITEV = 8;
  private static final int CONTROL_BLOCK_BYTES = 64;
  private static final int OPCODE_OFFSET = 16;
  private static final int FILE_OFFSET = 20;
  private static final int MEMORY_OFFSET = 24;
  private static final int LENGTH_OFFSET = 32;
  private static final int POSITION_OFFSET = 40;
  private static final int EVENT_BYTES = 32;
  private static final int RESULT_OFFSET = 16;

  private final long context;
  private final EventWait events;
  private final Cleaner.Cleanable destruction;
  private boolean destroyed;
  private final MemorySegment block = Arena.ofAuto().allocate(CONTROL_BLOCK_BYTES, Long.BYTES);
  private final MemorySegment blocks = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private final MemorySegment event = Arena.ofAuto().allocate(EVENT_BYTES, Long.BYTES);

  private NativeAioQueue(long context, EventWait events) {
    this.context = context;
    this.events = events;
    this.destruction = CLEANER.register(this, new Context(context));
    blocks.set(JAVA_LONG, 0, block.address());
  }

  /** Waits for one event of a context. */
  @FunctionalInterface
  interface EventWait {
    /** By {@code io_getevents}. */
    EventWait BY_SYSTEM_CALL =
        (context, event, kept) ->
            LibC.systemCall(SystemCall.IO_GETEVENTS, kept, context, 1, 1, event.address());

    /** Returns how many events were put into {@code event}, or the negative of the errno. */
    long await(long context, MemorySegment event, MemorySegment kept);
  }

  /** What is left to do when nothing refers to the queue any more. */
  private record Context(long context) implements Runnable {
    @Override
    public void run() {
      LibC.systemCall(SystemCall.IO_DESTROY, MemorySegment.NULL, context);
    }
  }

  /**
   * Makes a queue.
   *
   * @throws UnsupportedFeatureException if the host refuses
   */
  static NativeAioQueue open() throws UnsupportedFeatureException {
    return open(EventWait.BY_SYSTEM_CALL);
  }

  /** Makes a queue that learns in a way of its own that a request is done. */
  static NativeAioQueue open(EventWait events) throws UnsupportedFeatureException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = arena.allocate(JAVA_LONG);
      if (LibC.systemCall(SystemCall.IO_SETUP, context, 1, context.address()) < 0) {
        throw new UnsupportedFeatureException(
            "Unable to use native AIO: failed to create linux AIO context");
      }
      return new NativeAioQueue(context.get(JAVA_LONG, 0), events);
    }
  }

  @Override
  public long perform(
      boolean write, int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    if (destroyed) {
      return -EIO; // I2
    }
    block.set(JAVA_SHORT, OPCODE_OFFSET, write ? PWRITEV : PREADV);
    block.set(JAVA_INT, FILE_OFFSET, fd);
    block.set(JAVA_LONG, MEMORY_OFFSET, vectors.address());
    block.set(JAVA_LONG, LENGTH_OFFSET, count);
    block.set(JAVA_LONG, POSITION_OFFSET, offset);
    long submitted = LibC.systemCall(SystemCall.IO_SUBMIT, kept, context, 1, blocks.address());
    if (submitted < 0) {
      return submitted;
    }
    long found = -EINTR;
    try {
      while (found == 0 || found == -EINTR) {
        found = events.await(context, event, kept);
      }
    } finally {
      if (found <= 0) { // also if the memory has been given back meanwhile
        destroyed = true;
        destruction.clean(); // I1
      }
    }
    return found < 0 ? found : event.get(JAVA_LONG, RESULT_OFFSET);
  }

  @Override
  public boolean usable() {
    return !destroyed;
  }
}

package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs a benchmark: at most as many threads as requests in progress, each of which takes the next
 * request when its last one is done.
 *
 * <p>While requests are short, threads that have no processor rest ({@link RestingThreads}). What
 * the threads share costs as little as it can: where nothing is flushed in between, one counter.
 *
 * <ul>
 *   <li>I1: offsets are given out in the order of the plan: from the counter, or, where they are
 *       random, under the lock.
 *   <li>I2: a draining flush is sent when no request is in progress, and none starts before it has
 *       ended ({@link FlushSchedule}). Others are sent beside the requests, one after the other.
 *   <li>I3: a thread that rests has no request in progress.
 * </ul>
 *
 * <p>The time is that of all requests and flushes. (QEMU does not wait for its last flushes.)
 */
final class BenchRun {
  /** Requests are aligned to this, so that they also suit direct I/O. */
  private static final int MEMORY_ALIGNMENT_BYTES = 4096;

  /** More threads than this wait for each other, not for the disk. */
  private static final int THREAD_MAXIMUM = 256;

  /** Requests of one thread that are timed together: looking at the clock costs something, too. */
  private static final int TIMED_TOGETHER = 16;

  private final BlockNode node;
  private final BenchPlan plan;
  private final Random random;
  private final Optional<FlushSchedule> flushes;
  private final AtomicLong given = new AtomicLong();
  private final RestingThreads resting = new RestingThreads();
  private volatile CommandFailure failure;

  BenchRun(BlockNode node, BenchPlan plan) {
    this.node = node;
    this.plan = plan;
    this.random = new Random(plan.seed().orElse(0));
    this.flushes =
        plan.flushInterval() == 0
            ? Optional.empty()
            : Optional.of(
                new FlushSchedule(
                    plan.count(), plan.depth(), plan.flushInterval(), plan.drainOnFlush()));
  }

  /**
   * Sends all requests.
   *
   * @return how long that took, in nanoseconds
   * @throws CommandFailure if one of them failed
   */
  long run() throws CommandFailure, IOException {
    long start;
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      start = sendAll(beside);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (failure != null) {
      throw failure;
    }
    return System.nanoTime() - start;
  }

  /** Sends all requests; returns when the first one was. Flushes may still be going on. */
  private long sendAll(Executor beside) throws InterruptedException {
    int threadCount = Math.min(Math.min(plan.depth(), plan.count()), THREAD_MAXIMUM);
    CountDownLatch ready = new CountDownLatch(threadCount);
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      int index = i;
      Thread.Builder builder = Thread.ofPlatform().name("bench-" + i);
      threads.add(builder.start(() -> work(index, ready, go, beside)));
    }
    ready.await();
    long start = System.nanoTime();
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    return start;
  }

  private void work(int threadIndex, CountDownLatch ready, CountDownLatch go, Executor beside) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer;
      try {
        buffer = newBuffer(arena);
      } finally {
        ready.countDown();
      }
      go.await();
      sendWhileUseful(threadIndex, buffer, beside);
    } catch (IOException e) {
      fail("request", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("request", new IOException("interrupted", e));
    } catch (RuntimeException | Error e) { // the others must not wait for this thread
      fail("request", new IOException(e.toString(), e));
    } finally {
      resting.end();
    }
  }

  private MemorySegment newBuffer(Arena arena) {
    MemorySegment memory = arena.allocate(Math.max(1, plan.requestBytes()), MEMORY_ALIGNMENT_BYTES);
    memory.fill(plan.pattern());
    return memory.asSlice(0, plan.requestBytes());
  }

  private void sendWhileUseful(int threadIndex, MemorySegment buffer, Executor beside)
      throws IOException, InterruptedException {
    int limit = 1; // a slow disk is known by its first request
    boolean more = true;
    while (more) {
      resting.awaitUse(threadIndex); // I3
      long start = System.nanoTime();
      more = send(limit, buffer, beside) == limit;
      resting.add((System.nanoTime() - start) / limit);
      limit = TIMED_TOGETHER;
    }
  }

  /** Sends so many requests, one after the other; returns how many there were. */
  private int send(int limit, MemorySegment buffer, Executor beside)
      throws IOException, InterruptedException {
    for (int sent = 0; sent < limit; sent++) {
      long offset = begin();
      if (offset < 0) {
        return sent;
      }
      transfer(offset, buffer);
      end(beside);
    }
    return limit;
  }

  private void transfer(long offset, MemorySegment buffer) throws IOException {
    if (plan.write()) {
      node.write(offset, buffer);
    } else {
      node.read(offset, buffer);
    }
  }

  /** The next request's offset; below zero if there are no more. */
  private long begin() throws InterruptedException {
    if (flushes.isPresent() && !flushes.get().begin()) {
      return -1;
    }
    long index = given.getAndIncrement();
    if (index >= plan.count() || failure != null) {
      return -1;
    }
    return plan.seed().isPresent() ? randomOffset() : offsetAt(index);
  }

  /** So many steps from the first offset, starting again at the end of the image. */
  private long offsetAt(long index) {
    long size = node.size();
    if (index == 0 || size == 0) {
      return index == 0 ? plan.offset() : 0;
    }
    long way = index * plan.stepBytes() % size; // both factors have 31 bits
    return Long.remainderUnsigned(plan.offset() % size + way, size);
  }

  private synchronized long randomOffset() {
    long unit = Math.max(1, plan.requestBytes());
    return random.nextLong(Math.max(1, node.size() / unit)) * unit;
  }

  /** Ends a request, and sends the flush that has become due. */
  private void end(Executor beside) throws IOException {
    if (flushes.isEmpty() || !flushes.get().end()) {
      return;
    }
    if (plan.drainOnFlush()) {
      node.flush();
      flushes.get().flushed();
    } else {
      beside.execute(this::flush);
    }
  }

  private void flush() {
    try {
      node.flush();
    } catch (IOException e) {
      fail("flush request", e);
    } catch (RuntimeException | Error e) { // the result must not count
      fail("flush request", new IOException(e.toString(), e));
    }
  }

  private synchronized void fail(String what, IOException e) {
    if (failure == null) {
      failure =
          new CommandFailure("Failed %s: %s".formatted(what, ErrorText.ofRequest(e))).causedBy(e);
    }
    flushes.ifPresent(FlushSchedule::stop);
  }
}

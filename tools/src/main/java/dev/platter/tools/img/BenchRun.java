package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
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
 *       random or requests are counted for flushes, under the lock.
 *   <li>I2: a draining flush is sent when no request is in progress, and none starts before it has
 *       ended.
 *   <li>I3: a thread that rests has no request in progress.
 * </ul>
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
  private final boolean counted;
  private final AtomicLong given = new AtomicLong();
  private final RestingThreads resting = new RestingThreads();
  private long nextOffset;
  private int started;
  private int inProgress;
  private boolean flushDue;
  private volatile IOException failure;

  BenchRun(BlockNode node, BenchPlan plan) {
    this.node = node;
    this.plan = plan;
    this.random = new Random(plan.seed().orElse(0));
    this.counted = plan.flushInterval() > 0 || plan.seed().isPresent();
    this.nextOffset = plan.seed().isPresent() ? randomOffset() : plan.offset();
  }

  /**
   * Sends all requests.
   *
   * @return how long that took, in nanoseconds
   * @throws CommandFailure if one of them failed
   */
  long run() throws CommandFailure, IOException {
    int threadCount = Math.min(Math.min(plan.depth(), plan.count()), THREAD_MAXIMUM);
    CountDownLatch ready = new CountDownLatch(threadCount);
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      int index = i;
      threads.add(Thread.ofPlatform().name("bench-" + i).start(() -> work(index, ready, go)));
    }
    try {
      ready.await();
      long start = System.nanoTime();
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      if (failure != null) {
        throw new CommandFailure("Failed request: " + ErrorText.ofRequest(failure))
            .causedBy(failure);
      }
      return System.nanoTime() - start;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void work(int threadIndex, CountDownLatch ready, CountDownLatch go) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer;
      try {
        buffer = newBuffer(arena);
      } finally {
        ready.countDown();
      }
      go.await();
      sendWhileUseful(threadIndex, buffer);
    } catch (IOException e) {
      fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(new IOException("interrupted", e));
    } catch (RuntimeException | Error e) { // the others must not wait for this thread
      fail(new IOException(e.toString(), e));
    } finally {
      resting.end();
    }
  }

  private MemorySegment newBuffer(Arena arena) {
    MemorySegment memory = arena.allocate(Math.max(1, plan.requestBytes()), MEMORY_ALIGNMENT_BYTES);
    memory.fill(plan.pattern());
    return memory.asSlice(0, plan.requestBytes());
  }

  private void sendWhileUseful(int threadIndex, MemorySegment buffer)
      throws IOException, InterruptedException {
    int limit = 1; // a slow disk is known by its first request
    boolean more = true;
    while (more) {
      resting.awaitUse(threadIndex); // I3
      long start = System.nanoTime();
      more = send(limit, buffer) == limit;
      resting.add((System.nanoTime() - start) / limit);
      limit = TIMED_TOGETHER;
    }
  }

  /** Sends so many requests, one after the other; returns how many there were. */
  private int send(int limit, MemorySegment buffer) throws IOException, InterruptedException {
    for (int sent = 0; sent < limit; sent++) {
      long offset = begin();
      if (offset < 0) {
        return sent;
      }
      transfer(offset, buffer);
      end();
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
    if (counted) {
      return beginCounted();
    }
    long index = given.getAndIncrement();
    return index < plan.count() && failure == null ? offsetAt(index) : -1;
  }

  /** What {@link #stepFrom}, so many times, makes of the first offset. */
  private long offsetAt(long index) {
    long size = node.size();
    if (index == 0 || size == 0) {
      return index == 0 ? plan.offset() : 0;
    }
    long way = index * plan.stepBytes() % size; // both factors have 31 bits
    return Long.remainderUnsigned(plan.offset() % size + way, size);
  }

  private synchronized long beginCounted() throws InterruptedException {
    while (flushDue && plan.drainOnFlush()) {
      wait();
    }
    if (started == plan.count() || failure != null) {
      return -1;
    }
    long offset = nextOffset;
    nextOffset = plan.seed().isPresent() ? randomOffset() : stepFrom(offset);
    started++;
    inProgress++;
    flushDue |= plan.flushInterval() > 0 && started % plan.flushInterval() == 0;
    return offset;
  }

  private long stepFrom(long offset) {
    return node.size() == 0 ? 0 : (offset + plan.stepBytes()) % node.size();
  }

  private long randomOffset() {
    long unit = Math.max(1, plan.requestBytes());
    return random.nextLong(Math.max(1, node.size() / unit)) * unit;
  }

  /** Ends a request, and sends the flush that has become due. */
  private void end() throws IOException {
    if (counted && takeFlush()) {
      node.flush();
      if (plan.drainOnFlush()) {
        resume();
      }
    }
  }

  private synchronized boolean takeFlush() {
    inProgress--;
    if (!plan.drainOnFlush()) {
      boolean flush = flushDue;
      flushDue = false;
      return flush;
    }
    return flushDue && inProgress == 0;
  }

  private synchronized void resume() {
    flushDue = false;
    notifyAll();
  }

  private synchronized void fail(IOException e) {
    if (failure == null) {
      failure = e;
    }
    flushDue = false;
    notifyAll();
  }
}

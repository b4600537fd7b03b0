package dev.platter.harness.blk;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that run requests, the oldest first. Platform threads, as their work blocks in the host's
 * file system.
 *
 * <p>What waits needs no bound of its own: there are never more requests on their way than the
 * rings of all devices hold.
 *
 * <ul>
 *   <li>I1. Every request is run once: where the host has no more threads, by whoever brings it.
 *   <li>I2. A request that throws costs no thread, as another may not be had. The thread's handler
 *       of uncaught exceptions is told.
 * </ul>
 */
final class WorkerPool implements RequestExecutor {
  private static final AtomicInteger POOL_COUNT = new AtomicInteger();

  private final ThreadPoolExecutor pool;

  /** A pool of so many threads, at least 1, which are made when there is work for them. */
  WorkerPool(int workerCount) {
    this(workerCount, threads());
  }

  WorkerPool(int workerCount, ThreadFactory threads) {
    pool =
        new ThreadPoolExecutor(
            workerCount,
            workerCount,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads,
            new ThreadPoolExecutor.DiscardPolicy()); // refuses only when it is closed
  }

  private static ThreadFactory threads() {
    int poolIndex = POOL_COUNT.getAndIncrement();
    AtomicInteger threadCount = new AtomicInteger();
    return task ->
        Thread.ofPlatform()
            .daemon()
            .name("platter-io-%d-%d".formatted(poolIndex, threadCount.getAndIncrement()))
            .unstarted(task);
  }

  /** A request that is to be run by the first who takes it. */
  private record Task(Runnable request, AtomicBoolean taken) implements Runnable {
    boolean take() {
      return taken.compareAndSet(false, true);
    }

    @Override
    public void run() {
      if (!take()) {
        return;
      }
      try {
        request.run();
      } catch (RuntimeException | Error e) { // I2
        Thread worker = Thread.currentThread();
        worker.getUncaughtExceptionHandler().uncaughtException(worker, e);
      }
    }
  }

  @Override
  public void execute(Runnable request) {
    Task task = new Task(request, new AtomicBoolean());
    try {
      pool.execute(task);
    } catch (RuntimeException | Error e) { // there is no thread to be had, or no memory for one
      if (task.take()) { // I1: it may have been queued all the same
        request.run();
      }
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}

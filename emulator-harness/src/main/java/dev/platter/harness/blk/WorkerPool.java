package dev.platter.harness.blk;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that run requests, the oldest first. Platform threads, as their work blocks in the host's
 * file system.
 *
 * <p>What waits needs no bound of its own: there are never more requests on their way than the
 * rings of all devices hold.
 */
final class WorkerPool implements RequestExecutor {
  private static final AtomicInteger POOL_COUNT = new AtomicInteger();

  private final ThreadPoolExecutor pool;

  WorkerPool(int workerCount) {
    int poolIndex = POOL_COUNT.getAndIncrement();
    AtomicInteger threadCount = new AtomicInteger();
    pool =
        new ThreadPoolExecutor(
            workerCount,
            workerCount,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("platter-io-%d-%d".formatted(poolIndex, threadCount.getAndIncrement()))
                    .unstarted(task),
            new ThreadPoolExecutor.DiscardPolicy()); // refuses only when it is closed
  }

  @Override
  public void execute(Runnable request) {
    pool.execute(request);
  }

  @Override
  public void close() {
    pool.close();
  }
}

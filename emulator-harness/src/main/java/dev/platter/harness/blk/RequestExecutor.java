package dev.platter.harness.blk;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs requests: the one place where they may change threads. One executor may serve any number of
 * devices.
 *
 * <p>Threads: any.
 */
public interface RequestExecutor extends AutoCloseable {

  /**
   * Runs a request, now or soon, on this thread or another. Requests are started in the order in
   * which one thread submits them.
   */
  void execute(Runnable request);

  /** Runs what was submitted to its end. The devices must have been closed or reset before. */
  @Override
  void close();

  /**
   * Serves a queue on the thread that notified it: best where a request costs less than waking
   * another thread.
   */
  static RequestExecutor inline() {
    return new RequestExecutor() {
      @Override
      public void execute(Runnable request) {
        request.run();
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Serves requests on a bounded pool of threads, so that those of one queue run at once: best
   * where the host's disk is waited for. When every worker is busy and the waiting line is full,
   * the submitting thread runs its request itself.
   *
   * @param workerCount threads, at least 1
   */
  static RequestExecutor workers(int workerCount) {
    return new WorkerPool(workerCount);
  }

  /** Platform threads, as their work blocks in the host's file system. */
  final class WorkerPool implements RequestExecutor {
    private static final int WAITING_PER_WORKER = 64;
    private static final AtomicInteger POOL_COUNT = new AtomicInteger();

    private final ThreadPoolExecutor pool;

    private WorkerPool(int workerCount) {
      int poolIndex = POOL_COUNT.getAndIncrement();
      AtomicInteger threadCount = new AtomicInteger();
      pool =
          new ThreadPoolExecutor(
              workerCount,
              workerCount,
              0,
              TimeUnit.SECONDS,
              new ArrayBlockingQueue<>(Math.multiplyExact(workerCount, WAITING_PER_WORKER)),
              task ->
                  Thread.ofPlatform()
                      .daemon()
                      .name("platter-io-%d-%d".formatted(poolIndex, threadCount.getAndIncrement()))
                      .unstarted(task),
              new ThreadPoolExecutor.CallerRunsPolicy());
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
}

package dev.platter.harness.blk;

/**
 * Runs requests: the one place where they may change threads. One executor may serve any number of
 * devices.
 *
 * <p>Threads: any.
 */
public interface RequestExecutor extends AutoCloseable {

  /**
   * Runs a request, now or soon, on this thread or another. Requests are started in the order in
   * which one thread submits them, but for reads that are over at once, and for what is run on this
   * thread because the host has no more threads. What a request throws on this thread is thrown on.
   *
   * <p>A device's request knows whether it has been run: if this throws before, as where there is
   * no memory for a task, the device runs the request itself, and another run of it does nothing.
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
   * Serves requests on a pool of threads, so that those of one queue run at once: best where the
   * host's disk is waited for.
   *
   * @param workerCount threads, at least 1
   */
  static RequestExecutor workers(int workerCount) {
    return new WorkerPool(workerCount);
  }

  /**
   * Serves requests on the thread that notified if the host has in memory what they read, or while
   * they are short, and on a pool of threads otherwise. A notification may take as long as the
   * requests that it brings.
   *
   * @param workerCount threads, at least 1
   */
  static RequestExecutor adaptive(int workerCount) {
    return new AdaptiveExecutor(workers(workerCount), System::nanoTime);
  }
}

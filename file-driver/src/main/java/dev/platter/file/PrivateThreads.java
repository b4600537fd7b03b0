package dev.platter.file;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that no caller knows, and that are therefore never interrupted.
 *
 * <p>There are as many as callers wait at once; idle ones end after a minute. They keep no state.
 */
final class PrivateThreads {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("platter-file-", 0).factory());

  /** I/O that returns a number. */
  interface Task {
    long run() throws IOException;
  }

  private PrivateThreads() {}

  /**
   * Runs a task on a private thread and waits for its end, also if the caller is interrupted: it
   * finds its interrupt status set then.
   */
  static long call(Task task) throws IOException {
    Future<Long> result = THREADS.submit(task::run);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException rethrown(Throwable cause) {
    return switch (cause) {
      case IOException failure -> failure;
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      default -> throw new IllegalStateException(cause);
    };
  }
}

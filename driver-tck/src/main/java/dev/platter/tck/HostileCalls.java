package dev.platter.tck;

import dev.platter.api.error.BlockException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Calls with input made by an enemy: each succeeds or is refused with a {@link BlockException} that
 * says something, and is over soon. Whatever else it throws is a failure.
 *
 * <p>"Soon" is {@value #MOST_CPU_SECONDS} seconds of processor time, so that a busy machine fails
 * nothing; a call that waits for ever fails after {@value #MOST_WAITED_SECONDS} seconds.
 *
 * <p>Threads: one at a time.
 */
public final class HostileCalls {
  private static final long MOST_CPU_SECONDS = 5;
  private static final long MOST_WAITED_SECONDS = 60;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final AtomicReference<Thread> WORKER = new AtomicReference<>();
  private static ExecutorService calls = newWorker();

  private HostileCalls() {}

  /** A call that may be refused. */
  @FunctionalInterface
  public interface Call {
    /** Makes it. */
    void run() throws IOException;
  }

  /**
   * Makes a call on a thread of its own and watches it.
   *
   * @throws AssertionError if it is not over in time, or throws what nobody declared
   */
  public static synchronized void survive(Call call) {
    Future<?> running = calls.submit(() -> attempt(call));
    long cpuBefore = cpuNanos();
    for (long waited = 0; ; waited += MOST_CPU_SECONDS) {
      try {
        running.get(MOST_CPU_SECONDS, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException _) {
        long cpuSeconds = TimeUnit.NANOSECONDS.toSeconds(cpuNanos() - cpuBefore);
        if (cpuSeconds >= MOST_CPU_SECONDS || waited >= MOST_WAITED_SECONDS) {
          throw stuck();
        }
      } catch (ExecutionException e) {
        throw failed(e.getCause());
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Makes a call that may be refused, on this thread; for the steps of a call. */
  public static void attempt(Call call) {
    try {
      call.run();
    } catch (BlockException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("refused without a word", e);
      }
    } catch (IOException e) {
      throw new AssertionError("not a declared exception: " + e, e);
    }
  }

  private static AssertionError stuck() {
    AssertionError failure = new AssertionError("the call is not over in time");
    failure.setStackTrace(WORKER.get().getStackTrace());
    calls = newWorker(); // the old one may never be free again
    return failure;
  }

  private static AssertionError failed(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new AssertionError("not a declared exception: " + cause, cause);
  }

  private static long cpuNanos() {
    Thread worker = WORKER.get();
    return worker == null ? 0 : Math.max(0, THREADS.getThreadCpuTime(worker.threadId()));
  }

  private static ExecutorService newWorker() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread worker = Thread.ofPlatform().daemon().name("hostile-calls").unstarted(task);
          WORKER.set(worker);
          return worker;
        });
  }
}

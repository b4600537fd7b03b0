package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RestingThreadsTest {
  private static final long LONG_REQUEST_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long RUN_NANOS = Duration.ofMillis(400).toNanos();

  /** They meet as often as they can in a while: who misses the other sleeps for ever. */
  @Test
  void threadThatComesToRestWhileRequestsBecomeLongIsNotLeftAsleep() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      long start = System.nanoTime();
      for (int round = 0; System.nanoTime() - start < RUN_NANOS; round++) {
        RestingThreads threads = new RestingThreads();
        AtomicInteger atTheStart = new AtomicInteger();
        Future<?> sleeper =
            other.submit(
                () -> {
                  meet(atTheStart);
                  threads.awaitUse(Integer.MAX_VALUE);
                  return null;
                });
        meet(atTheStart);
        threads.add(LONG_REQUEST_NANOS);
        assertThat(ends(sleeper)).as("round %d", round).isTrue();
      }
    }
  }

  @Test
  void threadsThatRestAreWokenAtTheEnd() throws Exception {
    RestingThreads threads = new RestingThreads();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<?> sleeper =
          other.submit(
              () -> {
                threads.awaitUse(Integer.MAX_VALUE);
                return null;
              });
      threads.end();
      assertThat(ends(sleeper)).isTrue();
    }
  }

  private static void meet(AtomicInteger atTheStart) {
    atTheStart.incrementAndGet();
    while (atTheStart.get() < 2) {
      Thread.onSpinWait();
    }
  }

  /** Whether it ends; if not, it is interrupted. */
  private static boolean ends(Future<?> sleeper) throws Exception {
    try {
      sleeper.get(10, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      sleeper.cancel(true);
      return false;
    }
  }
}

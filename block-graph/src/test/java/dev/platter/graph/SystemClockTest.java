package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.BlockClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SystemClockTest {
  private static final Duration SOON = Duration.ofMillis(1);

  @Test
  void taskRunsAgainAndAgainOnDaemonThread() throws InterruptedException {
    try (SystemClock clock = new SystemClock()) {
      CountDownLatch runs = new CountDownLatch(3);
      AtomicReference<Thread> thread = new AtomicReference<>();
      try (BlockClock.Timer timer =
          clock.every(
              SOON,
              () -> {
                thread.set(Thread.currentThread());
                runs.countDown();
              })) {
        runs.await();
        assertThat(timer).isNotNull();
      }
      assertThat(thread.get().isDaemon()).isTrue();
    }
  }

  @Test
  void taskDoesNotRunAfterItsTimerIsClosed() throws InterruptedException {
    try (SystemClock clock = new SystemClock()) {
      AtomicInteger runs = new AtomicInteger();
      CountDownLatch first = new CountDownLatch(1);
      BlockClock.Timer timer =
          clock.every(
              SOON,
              () -> {
                runs.incrementAndGet();
                first.countDown();
              });
      first.await();
      timer.close();
      int seen = runs.get();
      CountDownLatch others = new CountDownLatch(3);
      try (BlockClock.Timer _ = clock.every(SOON, others::countDown)) {
        others.await();
      }
      assertThat(runs).hasValue(seen);
    }
  }

  @Test
  void taskMayCloseItsOwnTimer() throws InterruptedException {
    try (SystemClock clock = new SystemClock()) {
      AtomicReference<BlockClock.Timer> own = new AtomicReference<>();
      CountDownLatch set = new CountDownLatch(1);
      CountDownLatch closed = new CountDownLatch(1);
      own.set(
          clock.every(
              SOON,
              () -> {
                try {
                  set.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                own.get().close();
                closed.countDown();
              }));
      set.countDown();
      closed.await();
      assertThat(closed.getCount()).isZero();
    }
  }

  @Test
  void timeDoesNotGoBack() {
    try (SystemClock clock = new SystemClock()) {
      long before = clock.nanoTime();
      assertThat(clock.nanoTime() - before).isNotNegative();
    }
  }

  @Test
  void closedClockTakesNoTasksAndNonsenseIntervalsAreRefused() {
    SystemClock clock = new SystemClock();
    assertThatThrownBy(() -> clock.every(Duration.ZERO, () -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    clock.close();
    clock.close();
    assertThatThrownBy(() -> clock.every(SOON, () -> {})).isInstanceOf(IllegalStateException.class);
  }
}

package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.BlockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualClockTest {
  private final ManualClock clock = new ManualClock();
  private final List<String> runs = new ArrayList<>();

  @Test
  void timersRunInOrderOfTimeEachAtItsMoment() {
    clock.every(Duration.ofNanos(3), () -> runs.add("three@" + clock.nanoTime()));
    clock.every(Duration.ofNanos(2), () -> runs.add("two@" + clock.nanoTime()));
    clock.advance(Duration.ofNanos(5));
    assertThat(runs).containsExactly("two@2", "three@3", "two@4");
    assertThat(clock.nanoTime()).isEqualTo(5);
  }

  @Test
  void closedTimerRunsNoMore() {
    BlockClock.Timer timer = clock.every(Duration.ofSeconds(1), () -> runs.add("run"));
    clock.advance(Duration.ofSeconds(1));
    timer.close();
    clock.advance(Duration.ofSeconds(9));
    assertThat(runs).containsExactly("run");
    assertThat(clock.timerCount()).isZero();
  }
}

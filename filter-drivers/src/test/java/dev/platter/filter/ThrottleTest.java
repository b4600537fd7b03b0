package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.driver.ThrottleLimits;
import dev.platter.api.error.OptionException;
import dev.platter.tck.fake.ManualClock;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The filter {@code throttle}, by a clock that moves when somebody sleeps. */
class ThrottleTest {
  private static final long SECOND = 1_000_000_000;

  private final ManualClock clock = new ManualClock();
  private final MemoryNode disk = MemoryNode.of("disk", new byte[1 << 20]);

  @Test
  void requestsBeyondATenthOfASecondsWorthWaitForTheAverageRate() throws Exception {
    BlockNode node = throttled(Map.of("iops-total", 100L));
    reads(node, 11); // ten, and one that finds the bucket full and not over-full
    assertThat(clock.nanoTime()).isZero();
    reads(node, 100);
    assertThat(seconds()).isEqualTo(1.0);
  }

  @Test
  void bytesAreLimitedBeforeTheNextRequestAndNotInTheMiddleOfOne() throws Exception {
    BlockNode node = throttled(Map.of("bps-write", 100_000L));
    node.write(0, new byte[60_000]);
    assertThat(clock.nanoTime()).isZero();
    node.write(0, new byte[1]);
    assertThat(seconds()).isEqualTo(0.5);
    node.read(0, new byte[1 << 20]); // only writes are limited
    assertThat(seconds()).isEqualTo(0.5);
  }

  @Test
  void aBurstIsAsFastAsItMayBeForAsLongAsItMayLast() throws Exception {
    BlockNode node =
        throttled(Map.of("iops-total", 10L, "iops-total-max", 100L, "iops-total-max-length", 2L));
    reads(node, 200);
    assertThat(seconds()).isBetween(1.8, 2.0);
    double afterBurst = seconds();
    reads(node, 100);
    assertThat(seconds() - afterBurst).isBetween(7.0, 10.0);
  }

  @Test
  void largeRequestsCountAsSeveralOperations() throws Exception {
    BlockNode node = throttled(Map.of("iops-total", 100L, "iops-size", 4096L));
    node.read(0, new byte[40 * 4096]);
    node.read(0, new byte[1]);
    assertThat(seconds()).isEqualTo(0.3);
  }

  @Test
  void vectorsZeroesAndDiscardsAreOneRequestEach() throws Exception {
    BlockNode node = throttled(Map.of("iops-write", 10L));
    MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
    node.write(0, IoVector.of(bytes, bytes, bytes));
    node.writeZeroes(0, 4096, ZeroMode.MAY_UNMAP);
    assertThat(clock.nanoTime()).isZero();
    node.discard(0, 4096);
    assertThat(seconds()).isEqualTo(0.1);
    node.flush();
    assertThat(seconds()).isEqualTo(0.1);
  }

  @Test
  void membersOfAGroupShareItsLimits() throws Exception {
    ThrottleGroup group = new ThrottleGroup(ThrottleLimits.of(Map.of("iops-total", 10L)));
    BlockNode one = new ThrottleNode("one", disk, group, clock);
    BlockNode other = new ThrottleNode("other", disk, group, clock);
    reads(one, 2);
    assertThat(clock.nanoTime()).isZero();
    reads(other, 1);
    assertThat(seconds()).isEqualTo(0.1);
  }

  @Test
  void limitsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> ThrottleLimits.of(Map.of("bps-total", 1L, "bps-read", 1L)))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("cannot be used at the same time");
    assertThatThrownBy(() -> ThrottleLimits.of(Map.of("iops-total", Long.MAX_VALUE)))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("must be within [0, 1000000000000000]");
  }

  private BlockNode throttled(Map<String, Long> limits) throws OptionException {
    ThrottleGroup group = new ThrottleGroup(ThrottleLimits.of(limits));
    return new ThrottleNode("throttled", disk, group, clock);
  }

  private static void reads(BlockNode node, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      node.read(0, new byte[1]);
    }
  }

  private double seconds() {
    return Math.rint(clock.nanoTime() / (SECOND / 1000.0)) / 1000;
  }
}

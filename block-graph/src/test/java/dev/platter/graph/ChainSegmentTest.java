package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tck.Seeds;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChainSegmentTest {
  private static final int UNITS = 512;

  @Test
  void everyFormSaysWhatAnArrayWould() {
    Set<Class<?>> forms = new HashSet<>();
    Seeds.run(
        random -> {
          for (int changes : List.of(1, 2, 16, 64, 1024)) {
            int[] model = new int[UNITS];
            ChainSegment segment = ChainSegment.unknown(UNITS);
            int longest = changes == 1 ? UNITS : 4;
            for (int i = 0; i < changes; i++) {
              int first = random.nextInt(UNITS);
              int end = Math.min(UNITS, first + 1 + random.nextInt(longest));
              int from = changes == 1 ? 1 : random.nextInt(4);
              int depth = Math.max(from, 1) + random.nextInt(500);
              segment = segment.with(first, end, from, depth);
              for (int unit = first; unit < end; unit++) {
                if (from <= 1 || model[unit] >= from) {
                  model[unit] = Math.max(model[unit], depth);
                }
              }
            }
            assertSame(segment, model);
            forms.add(segment.getClass());
          }
        });
    assertThat(forms)
        .containsExactlyInAnyOrder(
            ChainSegment.OneRun.class, ChainSegment.Runs.class, ChainSegment.EachUnit.class);
  }

  @Test
  void aSegmentTakesAtMostTwoBytesForEachUnitAndOneRunTakesNoArray() {
    ChainSegment segment = ChainSegment.unknown(UNITS).with(100, UNITS, 1, 7);
    assertThat(segment.heldBytes()).isEqualTo(24);
    for (int unit = 0; unit < UNITS; unit++) {
      segment = segment.with(unit, unit + 1, 1, 8 + unit);
    }
    assertThat(segment.heldBytes()).isEqualTo(2 * UNITS + 32);
  }

  private static void assertSame(ChainSegment segment, int[] model) {
    int runEnd = 0;
    for (int unit = 0; unit < UNITS; unit++) {
      assertThat(segment.depth(unit)).as("unit %d", unit).isEqualTo(model[unit]);
      if (unit == runEnd) {
        runEnd = segment.runEnd(unit);
        assertThat(runEnd).isGreaterThan(unit);
      }
      assertThat(segment.depth(runEnd - 1)).isEqualTo(model[unit]);
    }
    assertThat(runEnd).isEqualTo(UNITS);
  }
}

package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FilledSegmentsTest {
  private static final int COUNT = 5_000;
  private static final int FEW = 32;

  private final FilledSegments filled = new FilledSegments();
  private final Set<Integer> model = new HashSet<>();

  @Test
  void eachNumberIsTakenOutOnceInNoOrder() {
    addAll();
    int inOrder = 0;
    for (int i = 0; i < COUNT; i++) {
      int number = filled.removeAny();
      assertThat(model.remove(number)).as("%d was there", number).isTrue();
      inOrder += number == COUNT - 1 - i || number == i ? 1 : 0;
    }
    assertThat(filled.isEmpty()).isTrue();
    assertThat(inOrder).isLessThan(COUNT / 10);
  }

  @Test
  void noNumberTakesMoreThanIsCountedForIt() {
    addAll();
    assertRoom(COUNT);
    for (int left = COUNT - 1; left >= 0; left--) {
      filled.removeAny();
      assertRoom(left);
    }
  }

  private void addAll() {
    for (int number = 0; number < COUNT; number++) {
      filled.reserve();
      filled.add(number);
      model.add(number);
      assertRoom(number + 1);
    }
  }

  private void assertRoom(int count) {
    assertThat(filled.room() * Integer.BYTES)
        .as("bytes for %d numbers", count)
        .isLessThanOrEqualTo((count + FEW) * FilledSegments.NUMBER_BYTES);
  }
}

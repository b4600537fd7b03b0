package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Buffers are drawn with a letter for each sector: {@code A} for data, {@code -} for zeros. */
class DataRunsTest {
  private static final int SECTOR_BYTES = 512;

  @Test
  void zerosOfTheWholeBufferAreLeftOut() {
    assertThat(runs(4096, "----------------", 0)).isEqualTo("-16");
  }

  @Test
  void dataOfTheWholeBufferIsOneRun() {
    assertThat(runs(4096, "AAAAAAAAAAAAAAAA", 0)).isEqualTo("A16");
  }

  @Test
  void dataIsExtendedToTheNextMultiple() {
    assertThat(runs(4096, "AA--------------", 0)).isEqualTo("A8 -8");
  }

  @Test
  void zerosEndAtTheLastMultiple() {
    assertThat(runs(4096, "----------AA----", 0)).isEqualTo("-8 A8");
  }

  @Test
  void shortZerosBelongToTheDataAroundThem() {
    assertThat(runs(8192, "AAAAAAAA--------AAAAAAAA", 0)).isEqualTo("A24");
    assertThat(runs(4096, "AAAAAAAA--------AAAAAAAA", 0)).isEqualTo("A8 -8 A8");
  }

  @Test
  void alignmentFollowsTheGuestOffset() {
    assertThat(runs(4096, "A---------------", 4 * SECTOR_BYTES)).isEqualTo("A4 -12");
  }

  @Test
  void runsMayBeLongerThanWhatIsLookedAtInOneStep() {
    String zeros = "-".repeat(400);
    String data = "A".repeat(400);
    assertThat(runs(4096, data + zeros + data, 0)).isEqualTo("A400 -400 A400");
    assertThat(runs(4096, zeros + data + zeros, 4 * SECTOR_BYTES)).isEqualTo("-396 A408 -396");
  }

  @Test
  void alignmentIsAPowerOfTwoThatIsNotLargerThanTheRun() {
    assertThat(runs(1536, "AA----AA--AA", 0)).isEqualTo("A2 -4 A6");
    assertThat(runs(1536, "AA---AAA", 0)).isEqualTo("A8");
  }

  @Test
  void everythingIsDataWhereNothingMayBeSparse() {
    assertThat(runs(0, "----------------", 0)).isEqualTo("A16");
  }

  private static String runs(int sparseBytes, String sectors, long offset) {
    byte[] bytes = new byte[sectors.length() * SECTOR_BYTES];
    for (int i = 0; i < sectors.length(); i++) {
      if (sectors.charAt(i) != '-') {
        bytes[i * SECTOR_BYTES + 100] = 1;
      }
    }
    DataRuns runs = new DataRuns(sparseBytes);
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < bytes.length) {
      DataRuns.Run run = runs.next(MemorySegment.ofArray(bytes), at, offset + at);
      text.append(text.isEmpty() ? "" : " ")
          .append(run.data() ? "A" : "-")
          .append(run.length() / SECTOR_BYTES);
      at += (int) run.length();
    }
    return text.toString();
  }
}

package dev.platter.harness.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SectorHistoryTest {
  private final SectorHistory history = new SectorHistory(SectorHistory.ZERO);

  @Test
  void readsOfTheLastWriteOrOfAConcurrentOneAreFine() {
    history.wrote(1, 0, 10, true);
    history.read(1, 11, 12);
    history.wrote(2, 20, 30, true);
    history.read(1, 21, 22);
    history.read(2, 23, 24);
    history.read(2, 40, 41);
    assertThat(history.violation()).isEmpty();
  }

  @Test
  void oldValueBehindANewOneIsFound() {
    history.wrote(1, 0, 10, true);
    history.wrote(2, 20, 30, true);
    history.read(1, 40, 41);
    assertThat(history.violation()).get().asString().contains("although 2 was written");
  }

  @Test
  void valueThatComesBackIsFound() {
    history.wrote(1, 0, 10, true);
    history.wrote(2, 20, 60, true);
    history.read(2, 25, 26);
    history.read(1, 30, 31);
    history.read(2, 35, 36);
    assertThat(history.violation()).get().asString().contains("at the same time");
  }

  @Test
  void writeThatIsTriedAgainMayComeBackBeforeItsEnd() {
    history.wrote(1, 0, 60, true);
    history.mayHaveBeenDoneAgain(1);
    history.read(1, 10, 11);
    history.wrote(2, 20, 30, true);
    history.read(1, 40, 41);
    assertThat(history.violation()).isEmpty();
  }

  @Test
  void writeThatIsTriedAgainDoesNotComeBackAfterItsEnd() {
    history.wrote(1, 0, 60, true);
    history.mayHaveBeenDoneAgain(1);
    history.wrote(2, 70, 80, true);
    history.read(1, 90, 91);
    assertThat(history.violation()).get().asString().contains("although 2 was written");
  }

  @Test
  void valueOfNoWriteIsFound() {
    history.read(7, 30, 31);
    assertThat(history.violation()).get().asString().contains("before it was written");
  }

  @Test
  void valueFromTheFutureIsFound() {
    history.read(7, 30, 31);
    history.wrote(7, 40, 50, true);
    assertThat(history.violation()).get().asString().contains("before it was written");
  }

  @Test
  void lostWriteIsFound() {
    history.wrote(1, 0, 10, true);
    history.read(SectorHistory.ZERO, 20, 21);
    assertThat(history.violation()).get().asString().contains("lost");
  }

  @Test
  void zerosOfADiscardAreFineAndOldValuesToo() {
    history.wrote(1, 0, 10, true);
    history.mayHaveZeroed(20, 30);
    history.read(1, 40, 41);
    history.read(SectorHistory.ZERO, 50, 51);
    assertThat(history.violation()).isEmpty();
  }

  @Test
  void valueThatSurvivesAWriteOfZerosIsFound() {
    history.wrote(1, 0, 10, true);
    history.zeroed(20, 30);
    history.read(1, 40, 41);
    assertThat(history.violation()).isPresent();
  }

  @Test
  void writeThatFailedMayBeSeenOrNot() {
    history.wrote(1, 0, 10, true);
    history.wrote(2, 20, 30, false);
    history.read(1, 40, 41);
    history.read(2, 50, 51);
    assertThat(history.violation()).isEmpty();
    history.read(1, 60, 61);
    assertThat(history.violation()).isPresent();
  }
}

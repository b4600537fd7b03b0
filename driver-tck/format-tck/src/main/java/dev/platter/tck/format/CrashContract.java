package dev.platter.tck.format;

import dev.platter.api.ZeroMode;
import dev.platter.tck.Capability;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * What a driver owes after a power cut: the image opens, flushed bytes are there, and a sector
 * holds nothing that was never written to it.
 */
public interface CrashContract extends FormatFixture {
  /** Units of allocation that the disks of these tests have; a short one follows. */
  int UNIT_COUNT = 6;

  @Test
  default void powerCutAfterAnyRequestLeavesWhatWasFlushed() throws IOException {
    needs(Capability.WRITE);
    int unit = unitSectorCount();
    crash(
        0,
        new CrashStep.Write(0, unit, 1),
        new CrashStep.Write(2 * unit, 1, 2),
        new CrashStep.Flush(),
        new CrashStep.Write(0, 1, 3),
        new CrashStep.Write(3 * unit + 1, 2, 4),
        new CrashStep.Flush());
  }

  @Test
  default void powerCutNeverShowsABlockTheBytesOfAnother() throws IOException {
    needs(Capability.WRITE);
    int unit = unitSectorCount();
    crash(
        0,
        new CrashStep.Write(0, unit, 1),
        new CrashStep.Flush(),
        new CrashStep.Discard(0, unit),
        new CrashStep.Write(unit, unit, 2),
        new CrashStep.Flush(),
        new CrashStep.Zero(unit, unit, ZeroMode.MAY_UNMAP),
        new CrashStep.Write(3 * unit, unit, 3),
        new CrashStep.Write(0, 1, 4));
  }

  @Test
  default void powerCutAfterRandomRequestsLeavesWhatWasFlushed() {
    needs(Capability.WRITE);
    Seeds.run(
        random -> {
          int unit = unitSectorCount();
          for (int round = 0; round < 3; round++) {
            CrashStep[] steps = new CrashStep[6];
            for (int i = 0; i < steps.length; i++) {
              steps[i] = step(random, unit, i + 1);
            }
            crash(random.nextLong(), steps);
          }
        });
  }

  private void crash(long seed, CrashStep... steps) throws IOException {
    int sectorCount = UNIT_COUNT * unitSectorCount() + 3;
    CrashDisk.zeros(this, sectorCount).scenario(List.of(steps)).run(seed);
  }

  private static CrashStep step(RandomGenerator random, int unit, int value) {
    int first = random.nextInt(UNIT_COUNT) * unit;
    boolean whole = random.nextBoolean();
    int at = whole ? first : first + random.nextInt(unit);
    int count = whole ? unit : random.nextInt(1, 4);
    return switch (random.nextInt(6)) {
      case 0 -> new CrashStep.Flush();
      case 1 -> new CrashStep.Discard(first, unit);
      case 2 -> new CrashStep.Zero(at, count, ZeroMode.MAY_UNMAP);
      default -> new CrashStep.Write(at, count, value);
    };
  }

  private int unitSectorCount() throws IOException {
    return unitBytes() / SECTOR_BYTES;
  }
}

package dev.platter.tck.crash;

import dev.platter.tck.fake.Operation;
import java.util.List;

/**
 * A change that was not durable when the power went.
 *
 * @param index its place in the log
 * @param diskIndex the disk it was for
 */
record Change(int index, int diskIndex, Operation operation) {
  private static final int SECTOR_BYTES = 512;

  boolean overlaps(Change other) {
    return diskIndex == other.diskIndex && Disk.overlap(operation, other.operation);
  }

  /** The parts of it that a power cut can leave; none if it lies within a sector. */
  List<Survivors.Tear> tears() {
    long sectorCount = Disk.sectorCount(operation, SECTOR_BYTES);
    if (sectorCount < 2) {
      return List.of();
    }
    return sectorCount == 2
        ? List.of(Survivors.Tear.FIRST_HALF, Survivors.Tear.LAST_HALF)
        : List.of(Survivors.Tear.values());
  }

  @Override
  public String toString() {
    return diskIndex == 0
        ? "#%d[%s]".formatted(index, operation)
        : "#%d[disk %d: %s]".formatted(index, diskIndex, operation);
  }
}

package dev.platter.tools.kill;

import dev.platter.tools.kill.WriterPlan.Operation;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What each sector may hold after its writer was killed: what was flushed, or anything that was
 * written since. A flush that a thread was told of covers the thread's own operations before it;
 * those of others may be covered as well, which makes no contents impossible.
 */
final class AllowedContents {
  /**
   * One sector.
   *
   * @param flushed what it may hold as of the last flush
   * @param since what was put there since
   * @param latest what it holds if everything since took effect
   */
  private record Sector(Set<Long> flushed, Set<Long> since, Set<Long> latest) {
    static Sector holding(long stamp) {
      return new Sector(Set.of(stamp), Set.of(), Set.of(stamp));
    }

    Sector after(long stamp) {
      return new Sector(flushed, union(since, Set.of(stamp)), Set.of(stamp));
    }

    Sector afterDiscard() {
      Set<Long> zeros = Set.of(SectorStamp.ZEROS);
      return new Sector(flushed, union(since, zeros), union(latest, zeros));
    }

    Sector afterFlush() {
      return since.isEmpty() ? this : new Sector(latest, Set.of(), latest);
    }

    boolean allows(long stamp) {
      return flushed.contains(stamp) || since.contains(stamp);
    }

    private static Set<Long> union(Set<Long> some, Set<Long> more) {
      Set<Long> all = new HashSet<>(some);
      all.addAll(more);
      return all;
    }
  }

  private final Sector[] sectors = new Sector[WriterPlan.DISK_SECTORS];

  /** A disk of zeros. */
  AllowedContents() {
    Arrays.fill(sectors, Sector.holding(SectorStamp.ZEROS));
  }

  /**
   * Takes in what a thread did: operations that it began, of which the last may be half done.
   *
   * @param begun how many operations it began
   * @param flushed the number of its last flush that ended; -1 if none did
   */
  void apply(long seed, int round, int thread, int begun, int flushed) {
    WriterPlan plan = new WriterPlan(seed, round, thread);
    for (int i = 0; i < begun; i++) {
      Operation operation = plan.next();
      long stamp = SectorStamp.of(round, thread, operation.number());
      int end = operation.firstSector() + operation.sectorCount();
      for (int sector = operation.firstSector(); sector < end; sector++) {
        sectors[sector] =
            switch (operation.kind()) {
              case WRITE -> sectors[sector].after(stamp);
              case ZERO, ZERO_KEEPING_SPACE -> sectors[sector].after(SectorStamp.ZEROS);
              case DISCARD -> sectors[sector].afterDiscard();
              case FLUSH, SNAPSHOT -> throw new IllegalStateException("they have no sectors");
            };
      }
      if (i == flushed) {
        flush(seed, round, thread, i);
      }
    }
  }

  /** Everything that a thread put into sectors before its flush is there to stay. */
  private void flush(long seed, int round, int thread, int before) {
    WriterPlan plan = new WriterPlan(seed, round, thread);
    for (int i = 0; i < before; i++) {
      Operation operation = plan.next();
      int end = operation.firstSector() + operation.sectorCount();
      for (int sector = operation.firstSector(); sector < end; sector++) {
        sectors[sector] = sectors[sector].afterFlush();
      }
    }
  }

  /**
   * Compares a sector with what it may hold; from now on it holds this.
   *
   * @throws AssertionError if it may not
   */
  void settle(int sector, long stamp) {
    if (!sectors[sector].allows(stamp)) {
      throw new AssertionError(
          "sector %d holds %s; flushed was one of %s, written since %s"
              .formatted(
                  sector,
                  SectorStamp.describe(stamp),
                  describe(sectors[sector].flushed()),
                  describe(sectors[sector].since())));
    }
    sectors[sector] = Sector.holding(stamp);
  }

  /** From now on a sector holds this, whatever happens. */
  void hold(int sector, long stamp) {
    sectors[sector] = Sector.holding(stamp);
  }

  private static List<String> describe(Set<Long> stamps) {
    return stamps.stream().map(SectorStamp::describe).toList();
  }
}

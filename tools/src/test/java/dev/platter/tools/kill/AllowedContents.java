package dev.platter.tools.kill;

import dev.platter.tools.kill.WriterPlan.Operation;
import java.util.ArrayList;
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

    Sector perhaps(Set<Long> stamps) {
      return new Sector(union(flushed, stamps), since, union(latest, stamps));
    }

    boolean allows(long stamp) {
      return flushed.contains(stamp) || since.contains(stamp);
    }

    static Set<Long> union(Set<Long> some, Set<Long> more) {
      Set<Long> all = new HashSet<>(some);
      all.addAll(more);
      return all;
    }
  }

  private final Sector[] sectors = new Sector[WriterPlan.DISK_SECTORS];

  private final KeptSnapshots snapshots = new KeptSnapshots();

  /** A disk of zeros. */
  AllowedContents() {
    Arrays.fill(sectors, Sector.holding(SectorStamp.ZEROS));
  }

  /** Takes in what a process did: operations that it began, of which the last may be half done. */
  void apply(long seed, int round, WriterProcess.Said said) {
    List<Set<Long>> possible = possible(seed, round, said.begun());
    boolean wentBack = false;
    for (int thread = 0; thread < WriterPlan.THREAD_COUNT; thread++) {
      WriterPlan plan = new WriterPlan(seed, round, thread);
      for (int i = 0; i < said.begun().get(thread); i++) {
        Operation operation = plan.next();
        boolean ended = i < said.begun().get(thread) - 1;
        switch (operation.kind()) {
          case KEEP -> keep(seed, round, operation, ended, said, possible);
          case FORGET -> said.name(i).ifPresent(snapshots::forgotten);
          case GO_BACK -> {
            said.name(i).ifPresent(name -> goBack(snapshots.of(name), ended, possible));
            wentBack |= said.name(i).isPresent();
          }
          default -> change(operation, SectorStamp.of(round, thread, i));
        }
        if (i == said.flushed().get(thread)) {
          flush(seed, round, thread, i);
        }
      }
    }
    if (wentBack) {
      widenForeign(possible);
    }
  }

  private void change(Operation operation, long stamp) {
    int end = operation.firstSector() + operation.sectorCount();
    for (int sector = operation.firstSector(); sector < end; sector++) {
      sectors[sector] =
          switch (operation.kind()) {
            case WRITE -> sectors[sector].after(stamp);
            case ZERO, ZERO_KEEPING_SPACE -> sectors[sector].after(SectorStamp.ZEROS);
            case DISCARD -> sectors[sector].afterDiscard();
            default -> throw new IllegalStateException("it has no sectors");
          };
    }
  }

  /** What each sector can hold at any moment of a round in which nobody goes back. */
  private List<Set<Long>> possible(long seed, int round, List<Integer> begun) {
    List<Set<Long>> possible = new ArrayList<>();
    for (Sector sector : sectors) {
      possible.add(Sector.union(sector.flushed(), sector.since()));
    }
    for (int thread = 0; thread < WriterPlan.THREAD_COUNT; thread++) {
      WriterPlan plan = new WriterPlan(seed, round, thread);
      for (int i = 0; i < begun.get(thread); i++) {
        Operation operation = plan.next();
        boolean write = operation.kind() == WriterPlan.Kind.WRITE;
        long stamp = write ? SectorStamp.of(round, thread, i) : SectorStamp.ZEROS;
        int end = operation.firstSector() + operation.sectorCount();
        for (int sector = operation.firstSector(); sector < end; sector++) {
          possible.get(sector).add(stamp);
        }
      }
    }
    return possible;
  }

  /**
   * The first thread took a snapshot, which flushes before. Its own sectors are in it as they were;
   * of others' nobody knows at which moment.
   */
  private void keep(
      long seed,
      int round,
      Operation operation,
      boolean ended,
      WriterProcess.Said said,
      List<Set<Long>> possible) {
    int number = operation.number();
    boolean done = said.name(number).isPresent();
    if (ended && !done) {
      return; // there were enough
    }
    List<Set<Long>> stamps = new ArrayList<>();
    for (int sector = 0; sector < sectors.length; sector++) {
      Set<Long> foreign = new HashSet<>(possible.get(sector));
      stamps.add(WriterPlan.owns(0, sector) ? sectors[sector].latest() : foreign);
    }
    snapshots.kept(KeptSnapshots.name(round, number), stamps, done);
    if (done) {
      flush(seed, round, 0, number);
    }
  }

  /** The first thread went back to a snapshot; {@code done} unless it was perhaps killed before. */
  private void goBack(List<Set<Long>> snapshot, boolean done, List<Set<Long>> possible) {
    for (int sector = 0; sector < sectors.length; sector++) {
      Set<Long> then = snapshot.get(sector);
      possible.get(sector).addAll(then);
      if (WriterPlan.owns(0, sector)) {
        sectors[sector] = done ? new Sector(then, Set.of(), then) : sectors[sector].perhaps(then);
      }
    }
  }

  /** Somebody went back at some moment: what was flushed before then is no longer there. */
  private void widenForeign(List<Set<Long>> possible) {
    for (int sector = 0; sector < sectors.length; sector++) {
      if (!WriterPlan.owns(0, sector)) {
        sectors[sector] = sectors[sector].perhaps(possible.get(sector));
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

  /** What the snapshots inside the images may hold. */
  KeptSnapshots snapshots() {
    return snapshots;
  }

  /** From now on a sector holds this, whatever happens. */
  void hold(int sector, long stamp) {
    sectors[sector] = Sector.holding(stamp);
  }

  private static List<String> describe(Set<Long> stamps) {
    return stamps.stream().map(SectorStamp::describe).toList();
  }
}

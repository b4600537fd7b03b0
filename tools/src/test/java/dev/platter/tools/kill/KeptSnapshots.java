package dev.platter.tools.kill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the snapshots inside the images of a chain may hold; their names are numbers. */
final class KeptSnapshots {
  /** By name, the stamps that each sector may bear. */
  private final Map<Integer, List<Set<Long>>> contents = new HashMap<>();

  /** Those that must be there. */
  private final Set<Integer> certain = new HashSet<>();

  /** The name of one that an operation of the first thread takes. */
  static int name(int round, int operation) {
    return round * 100_000 + operation;
  }

  /** One was taken, or, if it is not certain, perhaps. */
  void kept(int name, List<Set<Long>> stamps, boolean isCertain) {
    contents.put(name, stamps);
    if (isCertain) {
      certain.add(name);
    }
  }

  /** Somebody began to delete one. */
  void forgotten(int name) {
    certain.remove(name);
  }

  /** The stamps that each sector of one may bear. */
  List<Set<Long>> of(int name) {
    return contents.get(name);
  }

  /**
   * Compares what was found with what there may be; from now on there is this.
   *
   * @param found the stamps of each sector, by name
   * @throws AssertionError if there may not
   */
  void settle(Map<Integer, List<Long>> found) {
    if (!found.keySet().containsAll(certain) || !contents.keySet().containsAll(found.keySet())) {
      throw new AssertionError(
          "there are the snapshots %s; certain are %s, possible %s"
              .formatted(found.keySet(), certain, contents.keySet()));
    }
    found.forEach(this::compare);
    contents.clear();
    certain.clear();
    found.forEach(
        (name, stamps) -> {
          List<Set<Long>> held = new ArrayList<>();
          stamps.forEach(stamp -> held.add(Set.of(stamp)));
          kept(name, held, true);
        });
  }

  private void compare(int name, List<Long> stamps) {
    for (int sector = 0; sector < stamps.size(); sector++) {
      Set<Long> allowed = contents.get(name).get(sector);
      if (!allowed.contains(stamps.get(sector))) {
        throw new AssertionError(
            "snapshot %d, sector %d holds %s; it may hold one of %s"
                .formatted(
                    name,
                    sector,
                    SectorStamp.describe(stamps.get(sector)),
                    allowed.stream().map(SectorStamp::describe).toList()));
      }
    }
  }
}

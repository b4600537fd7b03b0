package dev.platter.qcow2;

import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A short life of a guest: steps on single clusters, each write with a value of its own.
 *
 * @param steps in order
 */
record GuestScript(List<Step> steps) {

  private static final int SECTOR = 512;

  /** What a guest may do. */
  enum Kind {
    WRITE,
    WRITE_PART,
    WRITE_COMPRESSED,
    ZERO_KEEP,
    ZERO_UNMAP,
    DISCARD,
    FLUSH;

    boolean writes() {
      return this == WRITE || this == WRITE_PART || this == WRITE_COMPRESSED;
    }

    boolean changes() {
      return this != FLUSH;
    }
  }

  /**
   * One request.
   *
   * @param cluster the guest cluster it is for
   * @param value the byte that it writes
   */
  record Step(Kind kind, int cluster, int value) {

    /** Performs the request. */
    void run(DriverGuest guest, int clusterBytes) throws IOException {
      long offset = (long) cluster * clusterBytes;
      switch (kind) {
        case WRITE -> guest.fill(offset, clusterBytes, value);
        case WRITE_PART -> {
          int partBytes = Math.max(SECTOR, clusterBytes / 2);
          guest.fill(offset + clusterBytes - partBytes, partBytes, value);
        }
        case WRITE_COMPRESSED -> guest.fillCompressed(offset, clusterBytes, value);
        case ZERO_KEEP -> guest.release(offset, clusterBytes, ReleaseMode.ZERO_KEEP);
        case ZERO_UNMAP -> guest.release(offset, clusterBytes, ReleaseMode.ZERO_UNMAP);
        case DISCARD -> guest.release(offset, clusterBytes, ReleaseMode.DISCARD);
        case FLUSH -> guest.driver().flush();
      }
    }
  }

  /** Every sequence of {@code length} steps on these clusters in turn, with a flush at the end. */
  static List<GuestScript> all(int length, int... clusters) {
    List<List<Step>> sequences = List.of(List.of());
    for (int i = 0; i < length; i++) {
      List<List<Step>> longer = new ArrayList<>();
      for (List<Step> sequence : sequences) {
        for (Kind kind : Kind.values()) {
          for (int cluster : kind.changes() ? clusters : new int[] {0}) {
            List<Step> more = new ArrayList<>(sequence);
            more.add(new Step(kind, cluster, 10 + more.size()));
            longer.add(more);
          }
        }
      }
      sequences = longer;
    }
    return sequences.stream().map(GuestScript::flushed).toList();
  }

  /** Random steps on the first clusters, with a flush at the end. */
  static GuestScript random(Random random, int length, int... clusters) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      steps.add(new Step(kind, clusters[random.nextInt(clusters.length)], 10 + i));
    }
    return flushed(steps);
  }

  private static GuestScript flushed(List<Step> steps) {
    List<Step> all = new ArrayList<>(steps);
    all.add(new Step(Kind.FLUSH, 0, 0));
    return new GuestScript(List.copyOf(all));
  }
}

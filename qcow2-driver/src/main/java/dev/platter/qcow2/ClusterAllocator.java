package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hands out free host clusters, in runs, from the lowest on.
 *
 * <p>Never hands out a cluster that holds metadata, whatever its refcount says; nor one in
 * quarantine, whose refcount is still up. Threads: under the metadata lock.
 */
final class ClusterAllocator {
  /** Clusters side by side, with a refcount of one each and nothing that points to them. */
  record Run(long firstCluster, int clusterCount) {}

  private final String imageName;
  private final ClusterGeometry geometry;
  private final Refcounts refcounts;
  private final OverlapCheck overlaps;
  private final Corruption corruption;

  /** No cluster below is free. */
  private long lowestFree;

  ClusterAllocator(
      String imageName,
      ClusterGeometry geometry,
      Refcounts refcounts,
      OverlapCheck overlaps,
      Corruption corruption) {
    this.imageName = imageName;
    this.geometry = geometry;
    this.refcounts = refcounts;
    this.overlaps = overlaps;
    this.corruption = corruption;
  }

  /**
   * Allocates clusters.
   *
   * @param purpose what for, in QEMU's words
   * @param maximum how many at most, at least 1
   * @return at least one
   */
  Run allocate(String purpose, int maximum) throws IOException {
    while (true) {
      if (!geometry.addressable(lowestFree)) {
        throw new BlockIoException(imageName, "allocate a " + purpose, Errno.EFBIG);
      }
      long tableIndex = geometry.refcountTableIndex(lowestFree);
      RefcountBlock block = refcounts.block(tableIndex);
      int index = block.nextFree(geometry.refcountBlockIndex(lowestFree));
      lowestFree = (tableIndex << geometry.refcountBlockBits()) + index;
      if (index < block.entryCount()) {
        Run run = new Run(lowestFree, block.freeRun(index, maximum));
        take(purpose, run, block, index);
        return run;
      }
    }
  }

  /**
   * Allocates clusters side by side. They may lie behind free ones that are too few.
   *
   * @param purpose what for, in QEMU's words
   * @param count how many, at least 1
   */
  Run allocateTogether(String purpose, int count) throws IOException {
    if (count < geometry.refcountBlockEntryCount()) {
      return allocateWithinABlock(purpose, count);
    }
    Optional<Run> found = find(count);
    if (found.isEmpty()) {
      return new Run(refcounts.takeBehind(purpose, count), count);
    }
    Run run = found.get();
    requireUsable(purpose, run);
    int taken = 0;
    try {
      while (taken < count) {
        refcounts.raise(run.firstCluster() + taken);
        taken++;
      }
    } finally {
      if (taken < count) {
        giveBack(new Run(run.firstCluster(), taken));
      }
    }
    return run;
  }

  /** Free clusters side by side, as many as one block can count at least; makes no block. */
  private Optional<Run> find(int count) throws IOException {
    long end = refcounts.blockIndexEnd() << geometry.refcountBlockBits();
    long first = lowestFree;
    long next = first;
    while (next < end && next - first < count) {
      long tableIndex = geometry.refcountTableIndex(next);
      long blockStart = tableIndex << geometry.refcountBlockBits();
      if (!refcounts.hasBlock(tableIndex)) {
        next = blockStart + geometry.refcountBlockEntryCount();
        first = next;
        continue;
      }
      RefcountBlock block = refcounts.block(tableIndex);
      int index = (int) (next - blockStart);
      int runEnd = index + block.freeRun(index, (int) (count - (next - first)));
      next = blockStart + runEnd;
      if (next - first < count && runEnd < block.entryCount()) {
        next = blockStart + block.nextFree(runEnd);
        first = next;
      }
    }
    return next - first < count ? Optional.empty() : Optional.of(new Run(first, count));
  }

  /** The same for fewer than a block counts: a new one has room for them in any case. */
  private Run allocateWithinABlock(String purpose, int count) throws IOException {
    List<Run> tooShort = new ArrayList<>();
    try {
      Run run = allocate(purpose, count);
      while (run.clusterCount() < count) {
        run = grown(purpose, run, count, tooShort);
      }
      return run;
    } finally {
      for (Run run : tooShort) {
        giveBack(run);
      }
    }
  }

  /** A run that is longer, or lies behind one that was too short. */
  private Run grown(String purpose, Run run, int count, List<Run> tooShort) throws IOException {
    Run next;
    try {
      next = allocate(purpose, count - run.clusterCount());
    } catch (IOException e) {
      tooShort.add(run);
      throw e;
    }
    if (next.firstCluster() == run.firstCluster() + run.clusterCount()) {
      return new Run(run.firstCluster(), run.clusterCount() + next.clusterCount());
    }
    tooShort.add(run);
    return next;
  }

  /** Gives clusters back that nothing has pointed to. */
  void giveBack(Run run) throws IOException {
    for (int i = 0; i < run.clusterCount(); i++) {
      refcounts.lower(run.firstCluster() + i);
    }
    lowestFree = Math.min(lowestFree, run.firstCluster());
  }

  /** Lowers the refcount of a cluster whose pointer is durably gone. */
  void free(long clusterIndex) throws IOException {
    if (refcounts.lower(clusterIndex)) {
      lowestFree = Math.min(lowestFree, clusterIndex);
    }
  }

  private void take(String purpose, Run run, RefcountBlock block, int index) throws IOException {
    requireUsable(purpose, run);
    for (int i = 0; i < run.clusterCount(); i++) {
      block.set(index + i, 1);
    }
    lowestFree = run.firstCluster() + run.clusterCount();
  }

  private void requireUsable(String purpose, Run run) throws IOException {
    if (run.firstCluster() == 0) {
      throw corruption.fatal("Preventing invalid allocation of " + purpose + " at offset 0");
    }
    overlaps.requireClear(run.firstCluster(), run.clusterCount());
  }
}

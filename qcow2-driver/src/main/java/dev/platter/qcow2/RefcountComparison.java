package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.Repair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Compares refcounts with references, window by window, and sets right what a repair allows.
 *
 * <p>Threads: one.
 */
final class RefcountComparison {
  /**
   * Clusters that a repair has freed.
   *
   * @param firstCluster the first of them
   * @param clusterCount how many there are, one behind the other
   */
  private record Freed(long firstCluster, long clusterCount) {}

  /** So many runs of freed clusters are kept; then they are given back. */
  private static final int MAXIMUM_FREED = 1 << 16;

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final StoredRefcounts stored;
  private final Repair repair;
  private final Consumer<String> findings;
  private final List<Freed> freed = new ArrayList<>();

  private long corruptions;
  private long leaks;
  private long corruptionsFixed;
  private long leaksFixed;
  private long checkErrors;
  private long highestCluster;
  private boolean needsRebuild;

  RefcountComparison(
      ImageFile file,
      ClusterGeometry geometry,
      StoredRefcounts stored,
      Repair repair,
      Consumer<String> findings) {
    this.file = file;
    this.geometry = geometry;
    this.stored = stored;
    this.repair = repair;
    this.findings = findings;
  }

  /** Compares the clusters of a window that lie before {@code endCluster}. */
  void compare(ReferenceCounts counts, long endCluster) throws IOException {
    long end = Math.min(endCluster, counts.endCluster());
    long cluster = counts.firstCluster();
    while (cluster < end) {
      long blockIndex = geometry.refcountTableIndex(cluster);
      long blockEnd = Math.min(end, (blockIndex + 1) << geometry.refcountBlockBits());
      if (stored.stored(cluster) || !counts.zero(cluster, blockEnd)) {
        compare(counts, cluster, blockEnd);
      }
      cluster = blockEnd;
    }
    stored.write();
  }

  private void compare(ReferenceCounts counts, long first, long end) throws IOException {
    for (long cluster = first; cluster < end; cluster++) {
      if (!stored.readable(cluster)) {
        checkErrors++;
        findings.accept("Can't get refcount for cluster %d: Input/output error".formatted(cluster));
        continue;
      }
      long refcount = stored.get(cluster);
      long references = counts.get(cluster);
      if (refcount != 0 || references != 0) {
        highestCluster = cluster;
      }
      if (refcount != references) {
        differs(cluster, refcount, references);
      }
    }
  }

  private void differs(long cluster, long refcount, long references) throws IOException {
    boolean leaked = Long.compareUnsigned(refcount, references) > 0;
    needsRebuild |= refcount == 0;
    boolean mends = refcount != 0 && (leaked ? repair != Repair.NONE : repair == Repair.ALL);
    findings.accept(
        "%s cluster %d refcount=%s reference=%d"
            .formatted(
                mends ? "Repairing" : leaked ? "Leaked" : "ERROR",
                cluster,
                Long.toUnsignedString(refcount),
                references));
    if (mends) {
      stored.set(cluster, references);
      noteFreed(cluster, references);
    }
    if (leaked) {
      leaks += mends ? 0 : 1;
      leaksFixed += mends ? 1 : 0;
    } else {
      corruptions += mends ? 0 : 1;
      corruptionsFixed += mends ? 1 : 0;
    }
  }

  private void noteFreed(long cluster, long references) throws IOException {
    if (references != 0) {
      return;
    }
    Freed last = freed.isEmpty() ? new Freed(-1, 0) : freed.getLast();
    if (last.firstCluster() + last.clusterCount() == cluster) {
      freed.set(freed.size() - 1, new Freed(last.firstCluster(), last.clusterCount() + 1));
    } else {
      if (freed.size() == MAXIMUM_FREED) {
        release();
      }
      freed.add(new Freed(cluster, 1));
    }
  }

  /** (R5) Makes the refcounts durable, and then gives the host what they have freed. */
  void release() throws IOException {
    stored.write();
    file.node().flush();
    for (Freed run : freed) {
      long offset = geometry.clusterOffset(run.firstCluster());
      long bytes = geometry.clusterOffset(run.clusterCount());
      file.node().discard(offset, Math.min(bytes, file.node().size() - offset));
    }
    freed.clear();
  }

  /** Adds what was found, and what was mended, to a tally. */
  void addTo(CheckTally tally) {
    tally.corruptions += corruptions;
    tally.leaks += leaks;
    tally.corruptionsFixed += corruptionsFixed;
    tally.leaksFixed += leaksFixed;
    tally.checkErrors += checkErrors;
  }

  /** Whether anything differs that was not mended. */
  boolean differences() {
    return corruptions != 0 || leaks != 0;
  }

  /** Whether a cluster that is in use has no refcount: it may be given away again. */
  boolean needsRebuild() {
    return needsRebuild;
  }

  /** The greatest cluster that is in use or counted. */
  long highestCluster() {
    return highestCluster;
  }
}

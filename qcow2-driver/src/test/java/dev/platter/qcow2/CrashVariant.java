package dev.platter.qcow2;

import dev.platter.api.ZeroMode;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashStep;
import dev.platter.tck.format.FormatFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A kind of image for the crash campaign, a small disk of it, and what a guest may do there.
 *
 * <p>The disk has six clusters that count, and with clusters of 512 bytes a few below a second L2
 * table: 0, 1 and 5 hold data, 2 reads as zeros with space in reserve, 3, 4 and the last are not
 * allocated.
 */
record CrashVariant(
    int clusterBytes,
    int version,
    int refcountBits,
    boolean lazy,
    boolean overBackingFile,
    boolean extended)
    implements FormatFixture {
  private static final int EXTENDED_CLUSTER = 32 << 10;
  private static final int SMALL_CLUSTER = 512;
  private static final int ENTRIES_OF_SMALL_TABLE = SMALL_CLUSTER / 8;

  /** A kind of image with standard L2 entries. */
  CrashVariant(
      int clusterBytes, int version, int refcountBits, boolean lazy, boolean overBackingFile) {
    this(clusterBytes, version, refcountBits, lazy, overBackingFile, false);
  }

  /** Clusters of two sectors in each subcluster. */
  static CrashVariant extended(boolean lazy, boolean overBackingFile) {
    return new CrashVariant(EXTENDED_CLUSTER, 3, 16, lazy, overBackingFile, true);
  }

  /**
   * Every combination of cluster size, version, refcount width or lazy refcounts, and with a
   * backing file or not; and images with subclusters.
   */
  static List<CrashVariant> all() {
    List<CrashVariant> all = new ArrayList<>();
    for (int clusterBytes : new int[] {SMALL_CLUSTER, 64 << 10}) {
      for (boolean overBackingFile : new boolean[] {false, true}) {
        all.add(new CrashVariant(clusterBytes, 2, 16, false, overBackingFile));
        for (int refcountBits : new int[] {1, 16, 64}) {
          all.add(new CrashVariant(clusterBytes, 3, refcountBits, false, overBackingFile));
        }
        all.add(new CrashVariant(clusterBytes, 3, 16, true, overBackingFile));
      }
    }
    all.add(extended(false, false));
    all.add(extended(false, true));
    all.add(extended(true, true));
    return all;
  }

  @Override
  public FormatDriverProvider provider() {
    return new Qcow2DriverProvider();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public Map<String, String> createOptions() {
    return Map.of(
        "cluster_size",
        Integer.toString(clusterBytes),
        "compat",
        version == 2 ? "0.10" : "1.1",
        "refcount_bits",
        Integer.toString(refcountBits),
        "lazy_refcounts",
        lazy ? "on" : "off",
        "extended_l2",
        extended ? "on" : "off");
  }

  /** Counts of an image that is marked dirty are made up for when it is opened for writing. */
  @Override
  public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    if (!lazy || !dirty(image)) {
      FormatFixture.super.checkImage(image, mayLeak);
    }
  }

  private static boolean dirty(MemoryNode image) throws IOException {
    byte[] incompatibleFeatures = new byte[1];
    image.reopenReadOnly().read(79, incompatibleFeatures);
    return (incompatibleFeatures[0] & 1) != 0;
  }

  /** The disk, with data of its own and perhaps data below that is a cluster longer. */
  CrashDisk disk() throws IOException {
    CrashDisk disk = CrashDisk.zeros(this, sectorCount());
    if (overBackingFile) {
      List<CrashStep.Write> below = new ArrayList<>();
      for (int cluster = 0; cluster < 6; cluster++) {
        below.add(new CrashStep.Write(cluster * unit(), unit(), 40 + cluster));
      }
      below.add(new CrashStep.Write(last() * unit(), sectorCount() - last() * unit(), 46));
      below.add(new CrashStep.Write(sectorCount(), unit(), 47));
      disk = disk.over(sectorCount() + unit(), below);
    }
    List<CrashStep> content =
        new ArrayList<>(List.of(write(0, 1, 1), write(1, 1, 2), write(2, 1, 3), write(5, 1, 4)));
    content.add(new CrashStep.Zero(2 * unit(), unit(), ZeroMode.KEEP_ALLOCATED));
    if (extended) {
      content.add(new CrashStep.Zero(5 * unit() + 20, 8, ZeroMode.KEEP_ALLOCATED));
    }
    if (small() && refcountBits == 64) {
      content.add(write(7, 46, 5)); // 62 of the 64 clusters that a refcount block counts
    }
    return disk.after(content);
  }

  /**
   * What a guest may do.
   *
   * @param position of the step in its sequence: each writes a value of its own
   */
  List<CrashStep> alphabet(int position) {
    int value = 10 + position;
    List<CrashStep> steps = new ArrayList<>();
    steps.add(write(3, 1, value)); // new
    steps.add(write(3, 2, value)); // new, more than one
    steps.add(new CrashStep.WriteCompressed(3 * unit(), 2 * unit(), value));
    steps.add(new CrashStep.Write(last() * unit(), 1, value)); // new, below another table
    steps.add(write(0, 1, value)); // overwrite
    steps.add(write(2, 1, value)); // into reserved space
    steps.add(new CrashStep.Zero(0, unit(), ZeroMode.MAY_UNMAP));
    steps.add(new CrashStep.Zero(unit(), unit(), ZeroMode.KEEP_ALLOCATED));
    steps.add(new CrashStep.Zero(3 * unit(), unit(), ZeroMode.MAY_UNMAP));
    steps.add(new CrashStep.Discard(0, unit()));
    steps.add(new CrashStep.Discard(unit(), 5 * unit()));
    if (!small()) {
      steps.add(new CrashStep.Write(4 * unit() + 3, 5, value)); // a part of a new cluster
      steps.add(new CrashStep.Write(5 * unit() + 3, 5, value)); // a part of an old one
      steps.add(new CrashStep.Zero(5 * unit() + 7, 3, ZeroMode.MAY_UNMAP));
    }
    if (extended) {
      steps.add(new CrashStep.Write(4 * unit() + 9, 4, value)); // beside what a step above writes
      steps.add(
          new CrashStep.Write(5 * unit() + 21, 2, value)); // into zeros of a cluster with data
      steps.add(new CrashStep.Zero(4 * unit() + 2, 10, ZeroMode.MAY_UNMAP));
      steps.add(new CrashStep.Zero(4 * unit() + 20, unit(), ZeroMode.KEEP_ALLOCATED));
    }
    steps.add(new CrashStep.Resize(sectorCount() + 2 * unit()));
    steps.add(new CrashStep.Resize(5 * unit() + 1));
    steps.add(new CrashStep.Snapshot());
    steps.add(new CrashStep.Commit());
    steps.add(new CrashStep.Flush());
    return steps;
  }

  /** Writes to clusters that are most often free, and to one that is not. */
  List<CrashStep> afterwards() {
    return List.of(write(4, 1, 60), write(1, 1, 61));
  }

  int sectorCount() {
    return small() ? ENTRIES_OF_SMALL_TABLE + 4 : 6 * unit() + 3;
  }

  private int last() {
    return small() ? ENTRIES_OF_SMALL_TABLE + 2 : 6;
  }

  private boolean small() {
    return clusterBytes == SMALL_CLUSTER;
  }

  int unit() {
    return clusterBytes / SECTOR_BYTES;
  }

  CrashStep.Write write(int cluster, int clusterCount, int value) {
    return new CrashStep.Write(cluster * unit(), clusterCount * unit(), value);
  }
}

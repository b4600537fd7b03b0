package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.ZeroMode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashStep;
import dev.platter.tck.format.FormatFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    boolean extended,
    Kind kind)
    implements FormatFixture {
  /** What is special about a kind of image. */
  enum Kind {
    USUAL,
    /** Over an image over plain bytes, so that the index of the chain is in use. */
    THREE_LAYERS,
    INTERNAL_SNAPSHOTS,
    LUKS,
    AES,
    DATA_FILE,
    RAW_DATA_FILE
  }

  private static final int EXTENDED_CLUSTER = 32 << 10;
  private static final int SMALL_CLUSTER = 512;
  private static final int LARGE_CLUSTER = 64 << 10;
  private static final String SECRET = "passphrase";
  private static final int ENTRIES_OF_SMALL_TABLE = SMALL_CLUSTER / 8;

  /** A kind of image with standard L2 entries. */
  CrashVariant(
      int clusterBytes, int version, int refcountBits, boolean lazy, boolean overBackingFile) {
    this(clusterBytes, version, refcountBits, lazy, overBackingFile, false, Kind.USUAL);
  }

  private CrashVariant(Kind kind, int clusterBytes, boolean lazy, boolean overBackingFile) {
    this(clusterBytes, 3, 16, lazy, overBackingFile, clusterBytes == EXTENDED_CLUSTER, kind);
  }

  /** Clusters of two sectors in each subcluster. */
  static CrashVariant extended(boolean lazy, boolean overBackingFile) {
    return new CrashVariant(Kind.USUAL, EXTENDED_CLUSTER, lazy, overBackingFile);
  }

  /**
   * Every combination of cluster size, version, refcount width or lazy refcounts, and with a
   * backing file or not; and images with subclusters.
   */
  static List<CrashVariant> all() {
    List<CrashVariant> all = new ArrayList<>();
    for (int clusterBytes : new int[] {SMALL_CLUSTER, LARGE_CLUSTER}) {
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

  /** Images with internal snapshots, encrypted ones, and such with an external data file. */
  static List<CrashVariant> special() {
    return List.of(
        new CrashVariant(Kind.INTERNAL_SNAPSHOTS, SMALL_CLUSTER, false, false),
        new CrashVariant(Kind.INTERNAL_SNAPSHOTS, SMALL_CLUSTER, true, true),
        new CrashVariant(Kind.INTERNAL_SNAPSHOTS, LARGE_CLUSTER, false, true),
        new CrashVariant(Kind.INTERNAL_SNAPSHOTS, EXTENDED_CLUSTER, false, true),
        new CrashVariant(Kind.LUKS, LARGE_CLUSTER, false, true),
        new CrashVariant(Kind.AES, SMALL_CLUSTER, false, false),
        new CrashVariant(Kind.AES, EXTENDED_CLUSTER, false, true),
        new CrashVariant(Kind.DATA_FILE, SMALL_CLUSTER, false, false),
        new CrashVariant(Kind.DATA_FILE, SMALL_CLUSTER, true, true),
        new CrashVariant(Kind.DATA_FILE, LARGE_CLUSTER, false, true),
        new CrashVariant(Kind.RAW_DATA_FILE, SMALL_CLUSTER, false, false),
        new CrashVariant(Kind.RAW_DATA_FILE, LARGE_CLUSTER, true, false));
  }

  /** Images over an image over plain bytes. */
  static List<CrashVariant> layered() {
    return List.of(
        new CrashVariant(Kind.THREE_LAYERS, SMALL_CLUSTER, false, true),
        new CrashVariant(Kind.THREE_LAYERS, LARGE_CLUSTER, true, true),
        new CrashVariant(Kind.THREE_LAYERS, EXTENDED_CLUSTER, false, true));
  }

  /** All of these. */
  static List<CrashVariant> everyKind() {
    List<CrashVariant> every = new ArrayList<>(all());
    every.addAll(layered());
    every.addAll(special());
    return every;
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
    Map<String, String> options =
        new HashMap<>(
            Map.of(
                "cluster_size",
                Integer.toString(clusterBytes),
                "compat",
                version == 2 ? "0.10" : "1.1",
                "refcount_bits",
                Integer.toString(refcountBits),
                "lazy_refcounts",
                lazy ? "on" : "off",
                "extended_l2",
                extended ? "on" : "off"));
    options.putAll(openOptions());
    switch (kind) {
      case USUAL, THREE_LAYERS, INTERNAL_SNAPSHOTS -> {}
      case LUKS -> options.putAll(Map.of("encrypt.format", "luks", "encrypt.iter-time", "1"));
      case AES -> options.put("encrypt.format", "aes");
      case DATA_FILE -> options.put("data_file", "data");
      case RAW_DATA_FILE -> options.putAll(Map.of("data_file", "data", "data_file_raw", "on"));
    }
    return options;
  }

  @Override
  public Map<String, String> openOptions() {
    return encrypted() ? Map.of("encrypt.key-secret", SECRET) : Map.of();
  }

  @Override
  public Optional<String> dataFileRole() {
    boolean external = kind == Kind.DATA_FILE || kind == Kind.RAW_DATA_FILE;
    return external ? Optional.of(GuestData.ROLE) : Optional.empty();
  }

  /** Whether guest bytes are encrypted, with a secret of that name and of these bytes. */
  boolean encrypted() {
    return kind == Kind.LUKS || kind == Kind.AES;
  }

  /** Counts of an image that is marked dirty are made up for when it is opened for writing. */
  @Override
  public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    if (lazy && dirty(image)) {
      return;
    }
    if (dataFileRole().isEmpty() && !encrypted()) { // these need more than the image's file
      FormatFixture.super.checkImage(image, mayLeak);
      return;
    }
    List<String> findings = new ArrayList<>();
    CheckReport report = Qcow2Checker.check("image", image.reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors()).as("%s", findings).isZero();
    assertThat(mayLeak || report.leaks() == 0).as("%s", findings).isTrue();
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
    if (kind == Kind.THREE_LAYERS) {
      CrashDisk middle =
          disk.after(
              List.of(
                  write(3, 1, 50),
                  new CrashStep.Write(2 * unit(), 1, 51),
                  new CrashStep.Zero(4 * unit(), unit(), ZeroMode.KEEP_ALLOCATED)));
      disk = CrashDisk.zeros(this, sectorCount()).over(middle);
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
    if (kind == Kind.INTERNAL_SNAPSHOTS) {
      content.add(new CrashStep.CreateInternal(CrashAlphabet.BEFORE));
      content.add(write(1, 1, 6)); // is the disk's alone; what a snapshot has is still there
    }
    return disk.after(content);
  }

  /**
   * What a guest may do.
   *
   * @param position of the step in its sequence: each writes a value of its own
   */
  List<CrashStep> alphabet(int position) {
    return new CrashAlphabet(this, position).steps();
  }

  /** Writes to clusters that are most often free, and to one that is not. */
  List<CrashStep> afterwards() {
    return List.of(write(4, 1, 60), write(1, 1, 61));
  }

  /** How long the sequences of a campaign are: opening some images takes its time. */
  int stepCount() {
    return kind == Kind.LUKS ? 2 : 3;
  }

  int sectorCount() {
    return small() ? ENTRIES_OF_SMALL_TABLE + 4 : 6 * unit() + 3;
  }

  int last() {
    return small() ? ENTRIES_OF_SMALL_TABLE + 2 : 6;
  }

  boolean small() {
    return clusterBytes == SMALL_CLUSTER;
  }

  int unit() {
    return clusterBytes / SECTOR_BYTES;
  }

  CrashStep.Write write(int cluster, int clusterCount, int value) {
    return new CrashStep.Write(cluster * unit(), clusterCount * unit(), value);
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Images with holes between what they hold, for tests of what lays them out anew.
 *
 * @param clusterBytes of a cluster
 * @param clusters that may be written
 * @param diskClusters of the disk
 * @param options of the creation, beside the cluster size
 */
record RelayoutImage(int clusterBytes, int clusters, int diskClusters, List<String> options) {
  /** An image of which all clusters may be written. */
  RelayoutImage(int clusterBytes, int clusters, String... options) {
    this(clusterBytes, clusters, clusters, List.of(options));
  }

  /** What is done to the layout of an open image. */
  @FunctionalInterface
  interface Change {
    Relayout make(Qcow2Format format) throws IOException;
  }

  /**
   * What an image holds.
   *
   * @param disks the disk, then those of its snapshots
   * @param bitmaps what the bitmaps say
   */
  record Contents(List<ByteBuffer> disks, List<String> bitmaps) {}

  @Override
  public String toString() {
    return "%d clusters of %d bytes, %s".formatted(clusters, clusterBytes, options);
  }

  /** An image with clusters of every kind that it can have. */
  MemoryNode create(boolean withSnapshots, long seed) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.add("cluster_size=" + clusterBytes);
    MemoryNode image =
        NewImages.create((long) diskClusters * clusterBytes, all.toArray(String[]::new));
    SplittableRandom random = new SplittableRandom(seed);
    try (Qcow2Format format = open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      if (format.keepsBitmaps()) {
        format.addBitmap("kept", 512, true);
      }
      scatter(guest, random);
      if (withSnapshots) {
        format.createSnapshot(SnapshotRequest.ofDisk("first", Instant.EPOCH));
        scatter(guest, random);
        format.createSnapshot(SnapshotRequest.ofDisk("second", Instant.EPOCH));
        scatter(guest, random);
        format.deleteSnapshot("1");
      }
      format.flush();
      guest.release(0, (long) clusters / 2 * clusterBytes, ReleaseMode.DISCARD);
      format.flush();
      guest.fill((long) clusters / 4 * clusterBytes, 2 * clusterBytes, 77);
      format.flush();
    }
    return image;
  }

  private void scatter(DriverGuest guest, SplittableRandom random) throws IOException {
    for (int i = 0; i < clusters / 2; i++) {
      long offset = random.nextLong(clusters) * clusterBytes;
      int value = random.nextInt(1, 127);
      ((Qcow2Format) guest.driver()).markDirty(offset, clusterBytes);
      switch (random.nextInt(4)) {
        case 0 -> guest.release(offset, clusterBytes, ReleaseMode.DISCARD);
        case 1 -> compress(guest, offset, value, random);
        default -> guest.fill(offset, clusterBytes, value);
      }
    }
  }

  private void compress(DriverGuest guest, long offset, int value, SplittableRandom random)
      throws IOException {
    byte[] half = new byte[clusterBytes];
    random.nextBytes(half);
    Arrays.fill(half, 0, clusterBytes / 2, (byte) value);
    if (!compresses(guest) || !guest.writeCompressed(offset, half)) {
      guest.write(offset, half);
    }
  }

  private static boolean compresses(DriverGuest guest) {
    return ((Qcow2Format) guest.driver()).compresses();
  }

  /** Opens an image of these options. */
  Qcow2Format open(BlockNode image) throws IOException {
    return Images.open(image, openOptions());
  }

  private String[] openOptions(String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    for (String option : options) {
      if (option.startsWith("encrypt.key-secret=")) {
        all.add(option);
      }
    }
    return all.toArray(String[]::new);
  }

  /** Changes the layout of an image. */
  Relayout perform(Change change, BlockNode image) throws IOException {
    try (Qcow2Format format = open(image)) {
      return change.make(format);
    }
  }

  /** What an image holds now. */
  Contents contents(MemoryNode image) throws IOException {
    List<ByteBuffer> disks = new ArrayList<>();
    List<String> bitmaps = new ArrayList<>();
    List<SnapshotInfo> infos;
    try (Qcow2Format format = readOnly(image)) {
      disks.add(read(format));
      infos = format.snapshots();
      for (BitmapInfo bitmap : format.bitmaps()) {
        bitmaps.add(bitmap.toString());
        if (bitmap.consistent()) {
          format.forEachDirty(
              bitmap.name(), (offset, length) -> bitmaps.add(offset + " " + length));
        }
      }
    }
    for (SnapshotInfo info : infos) {
      try (Qcow2Format format = readOnly(image, "snapshot.id=" + info.id())) {
        disks.add(read(format));
      }
    }
    return new Contents(disks, bitmaps);
  }

  private static ByteBuffer read(Qcow2Format format) throws IOException {
    return ByteBuffer.wrap(new DriverGuest(format).read(0, (int) format.size()));
  }

  private Qcow2Format readOnly(MemoryNode image, String... more) throws IOException {
    return Images.open(TestOpening.of(image.reopenReadOnly()).withReadOnly(), openOptions(more));
  }

  /** Checks an image; leaks alone may be there, if they are allowed. */
  static CheckReport check(MemoryNode image, boolean leaks, String what) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report = Qcow2Checker.check("image.qcow2", image, Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors()).as("%s: %s", what, findings).isZero();
    assertThat(leaks || report.leaks() == 0).as("%s: %s", what, findings).isTrue();
    return report;
  }

  /** Has QEMU check an image, where it can without a key. */
  void checkWithQemu(MemoryNode image) {
    if (openOptions().length == 0) {
      Qemu.check(image);
    }
  }

  /** How many clusters of an image are counted. */
  static long inUse(MemoryNode image) throws IOException {
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    StoredRefcounts stored = new StoredRefcounts(file, header.geometry(), header.refcountTable());
    long count = 0;
    for (long at = 0; at < header.geometry().clusterCount(image.size()); at++) {
      count += stored.get(at) == 0 ? 0 : 1;
    }
    return count;
  }
}

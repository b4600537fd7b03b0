package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AmendTest {
  private static final int CLUSTER = 1024;
  private static final int DISK = 300 * CLUSTER;
  private static final long SEED = Long.getLong("platter.seed", 4711L);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "refcount_bits=1",
        "refcount_bits=4",
        "refcount_bits=64",
        "lazy_refcounts=on",
        "compat=0.10",
        "size=600k",
        "compat=v2,size=100k"
      })
  void guestsDataStaysWhateverChanges(String options) throws Exception {
    MemoryNode node = image("");
    byte[] before = contents(node, "");

    amend(node, options);

    byte[] after = contents(node, "");
    int common = Math.min(before.length, after.length);
    assertThat(Arrays.copyOf(after, common)).isEqualTo(Arrays.copyOf(before, common));
    checkClean(node);
    Qemu.check(node);
  }

  @Test
  void refcountWidthsFollowEachOther() throws Exception {
    MemoryNode node = image("");
    byte[] before = contents(node, "");
    for (int bits : new int[] {1, 64, 2, 32, 8, 4, 16}) {
      amend(node, "refcount_bits=" + bits);
      assertThat(header(node).geometry().refcountBits()).isEqualTo(bits);
      checkClean(node);
      Qemu.check(node);
    }
    assertThat(contents(node, "")).isEqualTo(before);
  }

  /** What a check advises where refcounts are too narrow: amend, then repair. */
  @Test
  void widerRefcountsStoreWhatNarrowOnesCouldNot() throws Exception {
    MemoryNode node = image("");
    amend(node, "refcount_bits=1");
    ImageFile file = new ImageFile(node);
    long l1Entry = file.read(header(node).l1Table().offset(), Long.BYTES).getLong(0);
    long l2Offset = L1Entry.tableOffset(l1Entry);
    file.write(l2Offset + Long.BYTES, file.read(l2Offset, Long.BYTES));
    byte[] before = contents(node, "");
    assertThat(check(node, Repair.ALL).corruptions()).isPositive();

    amend(node, "refcount_bits=2");

    assertThat(check(node, Repair.ALL).corruptionsFixed()).isPositive();
    checkClean(node);
    Qemu.check(node);
    assertThat(contents(node, "")).isEqualTo(before);
  }

  @Test
  void holesOfAnExbibyteAreSteppedOverWhereRefcountsChange() throws Exception {
    MemoryNode node = image("");
    byte[] before = contents(node, "");
    node.resize(1L << 60, Preallocation.OFF);
    assertThatThrownBy(() -> amend(node, "refcount_bits=32"))
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("File too large");
    assertThat(contents(node, "")).isEqualTo(before);
  }

  @Test
  void holesOfAHundredGibibytesAreSteppedOverWhereRefcountsChange() throws Exception {
    MemoryNode node = image("");
    byte[] before = contents(node, "");
    node.resize(100L << 30, Preallocation.OFF);
    amend(node, "refcount_bits=32");
    assertThat(header(node).geometry().refcountBits()).isEqualTo(32);
    assertThat(contents(node, "")).isEqualTo(before);
  }

  @Test
  void zeroClustersOverABackingFileBecomeDataInVersionTwo() throws Exception {
    MemoryNode node = image("base");
    byte[] before = contents(node, "base");

    amend(node, "compat=0.10");

    assertThat(header(node).version()).isEqualTo(2);
    assertThat(header(node).backingFileName()).contains("base");
    try (Qcow2Format format = Images.open(node)) {
      for (long at = 0; at < DISK; at += CLUSTER) {
        assertThat(format.map(at, CLUSTER)).isNotInstanceOf(Mapping.Zero.class);
      }
    }
    assertThat(contents(node, "base")).isEqualTo(before);
    checkClean(node);
  }

  @Test
  void versionTwoLeavesClustersThatAreNotBackedUnallocated() throws Exception {
    MemoryNode node = image("");
    amend(node, "compat=0.10");
    try (Qcow2Format format = Images.open(node)) {
      assertThat(format.map(40 * CLUSTER, CLUSTER)).isInstanceOf(Mapping.Backing.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"refcount_bits=64", "refcount_bits=1", "compat=0.10", "lazy_refcounts=on"})
  void powerCutsLeaveTheOldImageOrTheNewOne(String options) throws Exception {
    MemoryNode before = image("base");
    byte[] contents = contents(before, "base");
    RecordingNode node = new RecordingNode(before.copy());

    amend(node, options);

    PowerCuts.forEach(
        before,
        node.changes(),
        SEED,
        cut -> {
          MemoryNode image = cut.image();
          CheckReport report = check(image, Repair.NONE);
          assertThat(report.corruptions()).as("%s, seed %d", cut, SEED).isZero();
          assertThat(report.checkErrors()).isZero();
          assertThat(contents(image, "base")).as("%s, seed %d", cut, SEED).isEqualTo(contents);
        });
  }

  @Test
  void refusalsComeBeforeAnythingHasChanged() throws Exception {
    MemoryNode node = image("");
    byte[] before = bytes(node);
    assertRefused(node, "compat=0.10,refcount_bits=8", "Refcount widths other than 16 bits");
    assertRefused(node, "compat=0.10,lazy_refcounts=on", "Lazy refcounts only supported with");
    assertRefused(node, "refcount_bits=3", "Refcount width must be a power of two");
    assertRefused(node, "backing_file=x,backing_fmt=raw", "Cannot amend the backing file");
    assertRefused(node, "data_file=x", "data-file can only be set for images that use");
    assertRefused(node, "data_file_raw=on", "data-file-raw cannot be set on existing images");
    assertRefused(node, "encrypt.state=active", "encryption not present");
    assertThat(bytes(node)).isEqualTo(before);
    amend(node, "refcount_bits=8");
    assertThatThrownBy(() -> amend(node, "compat=0.10"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("compat=0.10 requires refcount_bits=16");
  }

  @Test
  void snapshotsLoseTheirZeroClustersToo() throws Exception {
    Path image = withSnapshots();
    MemoryNode node = Qemu.node(image);

    amend(node, "compat=0.10");

    checkClean(node);
    Qemu.check(node);
    Path after = Qemu.save(node, folder.resolve("after.qcow2"));
    Qemu.io(after, "read -P 0 0 64k", "read -P 3 128k 64k", "read -P 9 256k 64k");
    Qemu.img("snapshot", "-a", "one", after.toString());
    Qemu.io(after, "read -P 0 0 128k", "read -P 2 128k 64k", "read -P 9 256k 64k");
    Qemu.check(after);
  }

  @Test
  void zstdIsForgottenOnlyWhereNoSnapshotHasCompressedClusters() throws Exception {
    Qemu.assumeInstalled();
    Path image = folder.resolve("zstd.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "compression_type=zstd", image.toString(), "1M");
    Qemu.io(image, "write -c -P 1 0 64k");
    Qemu.img("snapshot", "-c", "one", image.toString());
    Qemu.io(image, "write -P 2 0 64k");
    MemoryNode node = Qemu.node(image);
    byte[] before = bytes(node);

    assertThatThrownBy(() -> amend(node, "compat=0.10"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("existing compressed clusters");
    assertThat(bytes(node)).isEqualTo(before);

    Qemu.img("snapshot", "-d", "one", image.toString());
    MemoryNode bare = Qemu.node(image);
    amend(bare, "compat=0.10");
    assertThat(header(bare).version()).isEqualTo(2);
    checkClean(bare);
    Qemu.check(bare);
  }

  @Test
  void snapshotsGetTheExtraDataOfVersionThree() throws Exception {
    Path image = withSnapshots();
    MemoryNode node = Qemu.node(image);
    amend(node, "compat=0.10");
    amend(node, "compat=1.1,refcount_bits=64");
    checkClean(node);
    Qemu.check(node);
    assertThatThrownBy(() -> amend(node, "refcount_bits=1"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageMatching(
            "Cannot decrease refcount entry width to 1 bits: Cluster at offset 0x[0-9a-f]+ has a"
                + " refcount of 2");
    checkClean(node);
  }

  /** A snapshot with zero clusters of both kinds over a base of nines, and a disk that differs. */
  private Path withSnapshots() {
    Qemu.assumeInstalled();
    Path base = folder.resolve("base.raw");
    Path image = folder.resolve("snapshots.qcow2");
    Qemu.img("create", "-q", "-f", "raw", base.toString(), "1M");
    Qemu.attempt("qemu-io", "-f", "raw", "-c", "write -P 9 0 1M", base.toString());
    Qemu.img(
        "create", "-q", "-f", "qcow2", "-b", base.toString(), "-F", "raw", image.toString(), "1M");
    Qemu.io(
        image,
        "write -z 0 64k",
        "write -P 1 64k 64k",
        "write -z 64k 64k",
        "write -P 2 128k 64k",
        "write -P 4 512k 64k");
    Qemu.img("snapshot", "-c", "one", image.toString());
    Qemu.io(image, "write -P 3 128k 64k");
    return image;
  }

  private void assertRefused(MemoryNode node, String options, String words) {
    assertThatThrownBy(() -> amend(node, options))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(words);
  }

  /** An image with data, both kinds of zero clusters, and clusters that were never written. */
  private static MemoryNode image(String backing) throws IOException {
    String clusterSize = "cluster_size=" + CLUSTER;
    MemoryNode node =
        backing.isEmpty()
            ? NewImages.create(DISK, clusterSize)
            : NewImages.createOver(backing, DISK, clusterSize);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 20 * CLUSTER, 1);
      guest.release(5 * CLUSTER, 3 * CLUSTER, ReleaseMode.ZERO_KEEP);
      guest.release(40 * CLUSTER, 4 * CLUSTER, ReleaseMode.ZERO_UNMAP);
      guest.fill(150 * CLUSTER + 100, 10 * CLUSTER, 2);
      guest.release(299 * CLUSTER, CLUSTER, ReleaseMode.ZERO_UNMAP);
    }
    return node;
  }

  /** What a guest reads, over a backing file of nines if the image has one. */
  private static byte[] contents(MemoryNode node, String backing) throws IOException {
    try (Qcow2Format format = Images.open(node.copy())) {
      byte[] below = new byte[backing.isEmpty() ? 0 : DISK];
      Arrays.fill(below, (byte) 9);
      return new DriverGuest(format, MemorySegment.ofArray(below)).read(0, (int) format.size());
    }
  }

  private static void amend(BlockNode node, String options) throws IOException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String option : options.split(",", -1)) {
      int equals = option.indexOf('=');
      raw.put(option.substring(0, equals), OptionValue.of(option.substring(equals + 1)));
    }
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      format.amend(new Amendment(Qcow2AmendOptions.SCHEMA.read("amend", raw), false, share -> {}));
    }
  }

  private static Qcow2Header header(MemoryNode node) throws IOException {
    return HeaderCodec.decode("image", new ImageFile(node));
  }

  private static byte[] bytes(MemoryNode node) throws IOException {
    return new ImageFile(node).read(0, (int) node.size()).array();
  }

  private static CheckReport check(MemoryNode node, Repair repair) throws IOException {
    return Qcow2Checker.check("image", node, repair, finding -> {});
  }

  private static void checkClean(MemoryNode node) throws IOException {
    assertThat(check(node, Repair.NONE).clean()).isTrue();
  }
}

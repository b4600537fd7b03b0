package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResizeTest {
  private static final int KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final long SEED = Long.getLong("platter.seed", 4711L);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "65536, 1, 100",
    "65536, 1, 3000000",
    "4096, 1, 1000",
    "512, 1, 2",
    "512, 1, 40",
    "512, 1, 3000",
    "2097152, 1, 4000000"
  })
  void growthReadsAsZerosAndKeepsTheData(int clusterBytes, long oldMib, long newMib)
      throws Exception {
    MemoryNode node = NewImages.create(oldMib * MIB, "cluster_size=" + clusterBytes);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(300 * KIB, 100 * KIB, 5);

      format.resize(newMib * MIB, Preallocation.OFF);

      assertThat(format.size()).isEqualTo(newMib * MIB);
      assertThat(guest.read(300 * KIB, 100 * KIB)).containsOnly(5);
      assertThat(guest.read(newMib * MIB - 64 * KIB, 64 * KIB)).containsOnly(0);
      guest.fill(newMib * MIB - 64 * KIB, 64 * KIB, 6);
      assertThat(guest.read(newMib * MIB - 64 * KIB, 64 * KIB)).containsOnly(6);
    }
    Qemu.check(node);
    assertThat(check(node).clean()).isTrue();
  }

  @Test
  void shrinkingGivesTheSpaceBack() throws Exception {
    MemoryNode node = NewImages.create(8 * MIB, "cluster_size=4096");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 1000 * KIB, 1);
      guest.fill(3 * MIB, 4 * (int) MIB, 2);

      format.resize(1000 * KIB, Preallocation.OFF);

      assertThat(format.size()).isEqualTo(1000 * KIB);
      assertThat(node.size()).isLessThan(1100 * KIB);
      assertThat(guest.read(0, 1000 * KIB)).containsOnly(1);
    }
    Qemu.check(node);
  }

  @Test
  void whatWasCutOffDoesNotComeBack() throws Exception {
    MemoryNode node = NewImages.create(4 * MIB, "cluster_size=512");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 4 * (int) MIB, 1);

      format.resize(MIB, Preallocation.OFF);
      format.resize(4 * MIB, Preallocation.OFF);

      assertThat(guest.read(0, (int) MIB)).containsOnly(1);
      assertThat(guest.read(MIB, 3 * (int) MIB)).containsOnly(0);
    }
    Qemu.check(node);
  }

  @ParameterizedTest
  @EnumSource(names = {"METADATA", "FALLOC", "FULL"})
  void growthCanBeReservedAtOnce(Preallocation preallocation) throws Exception {
    MemoryNode node = NewImages.create(MIB, "cluster_size=4096");
    try (Qcow2Format format = Images.open(node)) {
      format.resize(3 * MIB, preallocation);

      assertThat(format.map(0, MIB)).isInstanceOf(Mapping.Backing.class);
      for (long at = MIB; at < 3 * MIB; at += 4096) {
        assertThat(format.map(at, 4096)).isInstanceOf(Mapping.Data.class);
      }
      assertThat(new DriverGuest(format).read(MIB, 2 * (int) MIB)).containsOnly(0);
    }
    Qemu.check(node);
  }

  @Test
  void sizesThatAreNoWholeSectorsAreRefused() throws Exception {
    MemoryNode node = NewImages.create(MIB);
    try (Qcow2Format format = Images.open(node)) {
      for (long size : new long[] {2 * MIB + 1, 1000, MIB - 1}) {
        assertThatThrownBy(() -> format.resize(size, Preallocation.OFF))
            .hasMessageContaining("must be a multiple of 512");
        assertThat(format.size()).isEqualTo(MIB);
      }
    }
  }

  @Test
  void internalSnapshotsKeepTheirClusters() throws Exception {
    Qemu.assumeInstalled();
    Path image = folder.resolve("snapshots.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "cluster_size=512", image.toString(), "2M");
    Qemu.io(image, "write -P 1 0 2M");
    Qemu.img("snapshot", "-c", "one", image.toString());
    MemoryNode node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node)) {
      format.resize(MIB, Preallocation.OFF);
      format.resize(40 * MIB, Preallocation.OFF);
      DriverGuest guest = new DriverGuest(format);
      assertThat(guest.read(0, (int) MIB)).containsOnly(1);
      assertThat(guest.read(MIB, (int) MIB)).containsOnly(0);
      guest.fill(0, 100 * KIB, 2);
    }
    Qemu.check(node);
    Path after = Qemu.save(node, folder.resolve("after.qcow2"));
    Qemu.img("snapshot", "-a", "one", after.toString());
    Qemu.io(after, "read -P 1 0 2M");
  }

  @ParameterizedTest
  @CsvSource({"512, 1, 3", "512, 1, 40", "4096, 3, 1", "512, 3, 1"})
  void powerCutsLeaveOneSizeOrTheOther(int clusterBytes, long oldMib, long newMib)
      throws Exception {
    MemoryNode before = NewImages.create(oldMib * MIB, "cluster_size=" + clusterBytes);
    try (Qcow2Format format = Images.open(before)) {
      new DriverGuest(format).fill(0, 100 * KIB, 7);
      new DriverGuest(format).fill(oldMib * MIB - 40 * KIB, 40 * KIB, 8);
    }
    RecordingNode recording = new RecordingNode(before.copy());
    try (Qcow2Format format = Images.open(recording)) {
      format.resize(newMib * MIB, Preallocation.OFF);
    }

    long visited =
        PowerCuts.forEach(
            before,
            recording.log(),
            SEED,
            cut -> {
              List<String> findings = new ArrayList<>();
              CheckReport report =
                  Qcow2Checker.check("cut", cut.image(), Repair.NONE, findings::add);
              assertThat(report.corruptions() + report.checkErrors())
                  .as("seed %d, %s: %s", SEED, cut.description(), findings)
                  .isZero();
              try (Qcow2Format format = Images.open(cut.image())) {
                assertThat(format.size()).isIn(oldMib * MIB, newMib * MIB);
                assertThat(new DriverGuest(format).read(0, 100 * KIB)).containsOnly(7);
              }
            });
    assertThat(visited).isGreaterThan(10);
  }

  @Test
  void whatCannotBeIsRefusedAndChangesNothing() throws Exception {
    MemoryNode node = NewImages.create(2 * MIB);
    byte[] before = node.bytes();
    try (Qcow2Format format = Images.open(node)) {
      assertThatThrownBy(() -> format.resize(MIB, Preallocation.METADATA))
          .isInstanceOf(OptionException.class)
          .hasMessage("Preallocation can't be used for shrinking an image");
      assertThatThrownBy(() -> format.resize(1L << 60, Preallocation.OFF))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("File too large");
      assertThat(format.size()).isEqualTo(2 * MIB);
    }
    assertThat(node.bytes()).isEqualTo(before);
  }

  @Test
  void refusedGrowthOfAnImageThatWasCutOffChangesNothing() throws Exception {
    MemoryNode node = NewImages.create(MIB, "cluster_size=512", "preallocation=metadata");
    node.resize(node.size() - 100_000, Preallocation.OFF);
    byte[] before = node.bytes();
    try (Qcow2Format format = Images.open(node)) {
      assertThatThrownBy(() -> format.resize(3 * MIB, Preallocation.OFF))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("the image has errors; repair it before it is resized");
    }
    assertThat(node.bytes()).isEqualTo(before);
  }

  @Test
  void readOnlyImagesKeepTheirSize() throws Exception {
    MemoryNode node = NewImages.create(MIB);
    try (Qcow2Format format = Images.open(TestOpening.of(node).withReadOnly())) {
      assertThatThrownBy(() -> format.resize(2 * MIB, Preallocation.OFF))
          .isInstanceOf(ReadOnlyNodeException.class);
    }
  }

  @Test
  void oldImagesWithSnapshotsKeepTheirSize() throws Exception {
    Qemu.assumeInstalled();
    Path image = folder.resolve("v2.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "compat=0.10", image.toString(), "2M");
    Qemu.img("snapshot", "-c", "one", image.toString());
    try (Qcow2Format format = Images.open(Qemu.node(image))) {
      assertThatThrownBy(() -> format.resize(3 * MIB, Preallocation.OFF))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("Can't resize a v2 image which has snapshots");
    }
  }

  private static CheckReport check(MemoryNode node) throws IOException {
    return Qcow2Checker.check("image", node, Repair.NONE, finding -> {});
  }

  /** 2^31 clusters without a refcount block would be looked at one by one. */
  @Test
  void shrinkingGivesTheHostBackWhatLiesFarBehindTheLastCluster() throws IOException {
    MemoryNode node = NewImages.create(1 << 20, "cluster_size=512");
    node.resize(1L << 56, Preallocation.OFF);
    try (Qcow2Format format = Images.open(node)) {
      format.resize(1 << 19, Preallocation.OFF);
    }
    assertThat(node.size()).isLessThan(1 << 16);
    Qemu.check(node);
  }

  /** 2^34 clusters without a table would be looked at one by one. */
  @Test
  @Timeout(60)
  void shrinkingASparseDiskOfAPebibytePassesOverWhatHasNoTable() throws IOException {
    MemoryNode node = NewImages.create(1L << 50, "cluster_size=65536");
    try (Qcow2Format format = Images.open(node)) {
      format.resize(1 << 19, Preallocation.OFF);
      assertThat(format.size()).isEqualTo(1 << 19);
    }
    Qemu.check(node);
  }
}

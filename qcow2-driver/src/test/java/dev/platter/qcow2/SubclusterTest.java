package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is allocated, copied and zeroed in images whose clusters have 32 parts. */
class SubclusterTest {
  private static final int CLUSTER = 65536;
  private static final int SUBCLUSTER = 2048;
  private static final long DISK_BYTES = 20L * CLUSTER;

  @TempDir private Path folder;
  private MemoryNode node;

  @BeforeEach
  void create() throws IOException {
    node = NewImages.create(DISK_BYTES, "extended_l2=on");
  }

  @AfterEach
  void checkImage() {
    Qemu.check(node);
  }

  @Test
  void anAllocationIsForTheSubclustersThatAreTouched() throws IOException {
    try (Qcow2Format format = Images.open(node)) {
      try (Allocation allocation = format.allocate(3 * SUBCLUSTER + 100, SUBCLUSTER)) {
        assertThat(allocation.guestOffset()).isEqualTo(3 * SUBCLUSTER);
        assertThat(allocation.length()).isEqualTo(2 * SUBCLUSTER);
        assertThat(allocation.hostOffset() % CLUSTER).isEqualTo(3 * SUBCLUSTER);
      }
      try (Allocation allocation = format.allocate(CLUSTER - 1, 2)) {
        assertThat(allocation.guestOffset()).isEqualTo(CLUSTER - SUBCLUSTER);
        assertThat(allocation.length()).isEqualTo(2 * SUBCLUSTER);
      }
    }
  }

  @Test
  void laterWritesFindTheirPlaceInTheSameCluster() throws IOException {
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(4 * SUBCLUSTER, SUBCLUSTER, 1);
      Mapping.Data first = (Mapping.Data) format.map(4 * SUBCLUSTER, SUBCLUSTER);
      long cluster = first.hostOffset() - 4 * SUBCLUSTER;
      assertThat(format.map(0, DISK_BYTES))
          .isEqualTo(new Mapping.Backing(4 * SUBCLUSTER, true, cluster));

      guest.fill(6 * SUBCLUSTER + 512, 512, 2);

      assertThat(format.map(6 * SUBCLUSTER, CLUSTER))
          .isEqualTo(new Mapping.Data(cluster + 6 * SUBCLUSTER, SUBCLUSTER, true));
      assertThat(format.map(5 * SUBCLUSTER, CLUSTER))
          .isEqualTo(new Mapping.Backing(SUBCLUSTER, true, cluster + 5 * SUBCLUSTER));
      assertThat(guest.read(6 * SUBCLUSTER, 512)).containsOnly(0);
      assertThat(guest.read(6 * SUBCLUSTER + 512, 512)).containsOnly(2);
      assertThat(guest.read(4 * SUBCLUSTER, SUBCLUSTER)).containsOnly(1);
    }
  }

  @Test
  void aPlaceThatIsFilledEndsBeforeDataThatCanBeWrittenInPlace() throws IOException {
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(8 * SUBCLUSTER, SUBCLUSTER, 1);
      try (Allocation allocation = format.allocate(6 * SUBCLUSTER, 6 * SUBCLUSTER)) {
        assertThat(allocation.length()).isEqualTo(2 * SUBCLUSTER);
      }
    }
  }

  @Test
  void zerosAreHadByTheSubclusterAndKeepTheirPlace() throws IOException {
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, CLUSTER, 1);
      Mapping.Data data = (Mapping.Data) format.map(0, CLUSTER);

      assertThat(guest.release(SUBCLUSTER, 2 * SUBCLUSTER, ReleaseMode.ZERO_UNMAP)).isTrue();

      assertThat(format.map(SUBCLUSTER, CLUSTER))
          .isEqualTo(new Mapping.Zero(2 * SUBCLUSTER, true, data.hostOffset() + SUBCLUSTER));
      assertThat(guest.read(0, SUBCLUSTER)).containsOnly(1);
      assertThat(guest.read(3 * SUBCLUSTER, CLUSTER - 3 * SUBCLUSTER)).containsOnly(1);
    }
  }

  @Test
  void discardedClustersReadAsZerosOverABackingFile() throws IOException {
    byte[] below = new byte[(int) DISK_BYTES];
    Arrays.fill(below, (byte) 9);
    node = NewImages.createOver(base(below), DISK_BYTES, "extended_l2=on");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format, MemorySegment.ofArray(below));
      guest.fill(SUBCLUSTER, SUBCLUSTER, 1);
      assertThat(guest.read(0, SUBCLUSTER)).containsOnly(9);

      guest.release(0, 2L * CLUSTER, ReleaseMode.DISCARD);

      assertThat(format.map(0, DISK_BYTES)).isEqualTo(new Mapping.Zero(2L * CLUSTER, false, 0));
      guest.release(0, CLUSTER, ReleaseMode.TO_BACKING);
      assertThat(guest.read(0, CLUSTER)).containsOnly(9);
    }
  }

  @Test
  void discardedClustersCanBeKeptWithTheirRange() throws IOException {
    try (Qcow2Format format = Images.open(node, "discard-no-unref=on")) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * CLUSTER, 1);
      Mapping.Data data = (Mapping.Data) format.map(0, CLUSTER);

      guest.release(0, 2L * CLUSTER, ReleaseMode.DISCARD);

      assertThat(format.map(0, 2L * CLUSTER))
          .isEqualTo(new Mapping.Zero(2L * CLUSTER, true, data.hostOffset()));
      assertThat(node.discardedBytes()).isEqualTo(2 * CLUSTER);
    }
  }

  @Test
  void preallocationOverABackingFileShowsWhatIsBelow() throws IOException {
    byte[] below = new byte[(int) DISK_BYTES];
    Arrays.fill(below, (byte) 9);
    node =
        NewImages.createOver(base(below), DISK_BYTES, "extended_l2=on", "preallocation=metadata");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format, MemorySegment.ofArray(below));
      long fileBytes = node.size();
      guest.fill(CLUSTER + SUBCLUSTER, 512, 1);
      assertThat(node.size()).as("everything has its place").isEqualTo(fileBytes);
      assertThat(guest.read(CLUSTER, SUBCLUSTER)).containsOnly(9);
      assertThat(guest.read(CLUSTER + SUBCLUSTER, 512)).containsOnly(1);
      assertThat(guest.read(CLUSTER + SUBCLUSTER + 512, SUBCLUSTER)).containsOnly(9);
    }
  }

  /** Only between its first and its last data is a cluster copied that a snapshot shares. */
  @Test
  void whatASnapshotSharesIsCopiedAsFarAsItHoldsData() throws IOException {
    Qemu.assumeInstalled();
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(4 * SUBCLUSTER, 4 * SUBCLUSTER, 1);
    }
    Path image = Qemu.save(node.reopen(), folder.resolve("shared.qcow2"));
    Qemu.img("snapshot", "-c", "before", image.toString());
    node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node)) {
      try (Allocation allocation = format.allocate(9 * SUBCLUSTER, 100)) {
        assertThat(allocation.guestOffset()).isEqualTo(4 * SUBCLUSTER);
        assertThat(allocation.length()).isEqualTo(6 * SUBCLUSTER);
      }
      DriverGuest guest = new DriverGuest(format);
      guest.fill(9 * SUBCLUSTER, 100, 2);
      assertThat(guest.read(4 * SUBCLUSTER, 4 * SUBCLUSTER)).containsOnly(1);
      assertThat(guest.read(9 * SUBCLUSTER, 100)).containsOnly(2);
    }
    Path changed = Qemu.save(node.reopen(), image);
    Qemu.img("snapshot", "-a", "before", changed.toString());
    assertThat(Qemu.io(changed, "read -P 1 8k 8k", "read -P 0 16k 48k")).doesNotContain("failed");
  }

  /** A compressed cluster has no bitmap, so it cannot say which of its parts are zeros. */
  @Test
  void aPartOfACompressedClusterIsNotZeroedByBits() throws IOException {
    Qemu.assumeInstalled();
    Path image = Qemu.save(node, folder.resolve("compressed.qcow2"));
    Qemu.io(image, "write -c -P 3 0 64k");
    node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      assertThat(guest.release(SUBCLUSTER, SUBCLUSTER, ReleaseMode.ZERO_KEEP)).isFalse();
      assertThat(guest.read(0, CLUSTER)).containsOnly(3);
      guest.fill(SUBCLUSTER, SUBCLUSTER, 4);
      assertThat(format.map(0, CLUSTER))
          .isInstanceOfSatisfying(
              Mapping.Data.class, data -> assertThat(data.length()).isEqualTo(CLUSTER));
      assertThat(guest.read(2 * SUBCLUSTER, SUBCLUSTER)).containsOnly(3);
    }
  }

  private String base(byte[] content) throws IOException {
    return Files.write(folder.resolve("base.raw"), content).toString();
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images in which clusters and tables are shared or compressed, written without harm to either. */
class SnapshotImageTest {
  @TempDir Path folder;

  @BeforeEach
  void needsQemu() {
    Qemu.assumeInstalled();
  }

  @ParameterizedTest
  @CsvSource({"512, off", "65536, off", "65536, on"})
  void writesCopyWhatASnapshotShares(int clusterBytes, String discardNoUnref) throws IOException {
    Path image = image(clusterBytes);
    Qemu.io(image, "write -q -P 1 0 1M", "write -q -P 2 1M 1M", "write -q -z 2M 512k");
    Qemu.img("snapshot", "-c", "before", image.toString());
    MemoryNode node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node, "discard-no-unref=" + discardNoUnref)) {
      DriverGuest guest = new DriverGuest(format);
      assertThat(format.map(0, 1))
          .isInstanceOfSatisfying(
              Mapping.Data.class, data -> assertThat(data.writable()).isFalse());
      guest.fill(100_000, 300_000, 7);
      guest.release(1 << 20, 256 << 10, ReleaseMode.DISCARD);
      guest.release(0, 64 << 10, ReleaseMode.ZERO_KEEP);
      guest.fill(2 << 20, 100_000, 8);
      assertThat(format.map(2 << 20, 1))
          .isInstanceOfSatisfying(Mapping.Data.class, data -> assertThat(data.writable()).isTrue());
    }
    Files.write(image, node.bytes());
    Qemu.check(image);
    Qemu.io(
        image,
        "read -q -P 0 0 64k",
        "read -q -P 1 64k 34464",
        "read -q -P 7 100000 300000",
        "read -q -P 1 400000 648576",
        "read -q -P 0 1M 256k",
        "read -q -P 2 1310720 786432",
        "read -q -P 8 2M 100000");
    Qemu.img("snapshot", "-a", "before", image.toString());
    Qemu.io(image, "read -q -P 1 0 1M", "read -q -P 2 1M 1M", "read -q -P 0 2M 2M");
    Qemu.check(image);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 65536})
  void writesReplaceCompressedClusters(int clusterBytes) throws IOException {
    Path plain = image(clusterBytes);
    Qemu.io(plain, "write -q -P 1 0 1M", "write -q -P 2 1M 1M");
    Path image = folder.resolve("compressed.qcow2");
    Qemu.img(
        "convert",
        "-c",
        "-f",
        "qcow2",
        "-O",
        "qcow2",
        "-o",
        "cluster_size=" + clusterBytes,
        plain.toString(),
        image.toString());
    MemoryNode node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(10_000, 200_000, 7);
      guest.release(1 << 20, 128 << 10, ReleaseMode.DISCARD);
      format.flush();
      guest.fill(1 << 20, 64 << 10, 9);
      guest.release((1 << 20) + (256 << 10), 64 << 10, ReleaseMode.ZERO_KEEP);
    }
    Files.write(image, node.bytes());
    Qemu.check(image);
    Qemu.io(
        image,
        "read -q -P 1 0 10000",
        "read -q -P 7 10000 200000",
        "read -q -P 1 210000 838576",
        "read -q -P 9 1M 64k",
        "read -q -P 0 1114112 64k",
        "read -q -P 0 1310720 64k",
        "read -q -P 2 1376256 720896");
  }

  @Test
  void aNameEndsAtItsFirstNul() throws IOException {
    Path image = image(65536);
    Qemu.img("snapshot", "-c", "first", image.toString());
    byte[] bytes = Files.readAllBytes(image);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("first") + 3] = 0;
    Files.write(image, bytes);
    try (Qcow2Format format = Images.open(Qemu.node(image))) {
      assertThat(format.snapshots()).extracting(SnapshotInfo::name).containsExactly("fir");
    }
    Qemu.img("snapshot", "-d", "fir", image.toString());
  }

  @Test
  void aZeroClusterWithSpaceInReserveIsWrittenWhereItIs() throws IOException {
    Path image = image(65536);
    Qemu.io(image, "write -q -P 1 0 256k", "write -q -z 0 256k");
    MemoryNode node = Qemu.node(image);
    long before = node.size();
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(1000, 150_000, 5);
      assertThat(guest.read(0, 1000)).containsOnly(0);
      assertThat(guest.read(1000, 150_000)).containsOnly(5);
    }
    assertThat(node.size()).isEqualTo(before);
    Qemu.check(node);
  }

  private Path image(int clusterBytes) {
    Path image = folder.resolve("image.qcow2");
    Qemu.img(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        "cluster_size=" + clusterBytes,
        image.toString(),
        "4M");
    return image;
  }
}

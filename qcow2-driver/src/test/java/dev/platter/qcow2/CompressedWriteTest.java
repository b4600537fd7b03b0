package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressedWriteTest {
  private static final int CLUSTER = 4096;

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "512, 16, zlib, 1.1",
    "4096, 16, zstd, 1.1",
    "4096, 1, zlib, 1.1",
    "65536, 2, zstd, 1.1",
    "65536, 16, zlib, 0.10",
    "2097152, 64, zlib, 1.1"
  })
  void qemuReadsWhatIsWritten(int clusterBytes, int refcountBits, String type, String compat)
      throws IOException {
    int count = clusterBytes > 1 << 20 ? 3 : 24;
    MemoryNode image =
        NewImages.create(
            (long) count * clusterBytes,
            "cluster_size=" + clusterBytes,
            "refcount_bits=" + refcountBits,
            "compression_type=" + type,
            "compat=" + compat);
    byte[] disk = new byte[count * clusterBytes];
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      for (int cluster = 0; cluster < count; cluster++) {
        byte[] bytes = mixed(clusterBytes);
        if (!guest.writeCompressed((long) cluster * clusterBytes, bytes)) {
          guest.write((long) cluster * clusterBytes, bytes);
        }
        System.arraycopy(bytes, 0, disk, cluster * clusterBytes, clusterBytes);
      }
      assertThat(guest.read(0, disk.length)).isEqualTo(disk);
    }
    assertThat(image.size() % 512).isZero();
    assertSame(image, disk);
  }

  @Test
  void compressedClustersShareHostClusters() throws IOException {
    MemoryNode image = NewImages.create(64 * CLUSTER, "cluster_size=" + CLUSTER);
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      for (int cluster = 0; cluster < 64; cluster++) {
        guest.fillCompressed((long) cluster * CLUSTER, CLUSTER, cluster + 1);
      }
    }
    assertThat(image.size()).isLessThan(8 * CLUSTER);
    CheckReport report = check(image);
    assertThat(report.clean()).isTrue();
    assertThat(report.compressedClusters()).isEqualTo(64);
    Qemu.check(image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compressedClusterReplacesNothing(boolean compressedBefore) throws IOException {
    MemoryNode image = NewImages.create(8 * CLUSTER, "cluster_size=" + CLUSTER);
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      if (compressedBefore) {
        guest.fillCompressed(0, CLUSTER, 1);
      } else {
        guest.fill(0, CLUSTER, 1);
      }
      assertThatThrownBy(() -> format.allocateCompressed(0, 100))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("Input/output error");
      guest.release(CLUSTER, CLUSTER, ReleaseMode.ZERO_UNMAP);
      assertThat(guest.writeCompressed(CLUSTER, new byte[CLUSTER])).isTrue();
    }
    assertThat(check(image).clean()).isTrue();
  }

  @Test
  void overwrittenCompressedClustersGiveTheirSpaceBack() throws IOException {
    MemoryNode image = NewImages.create(32 * CLUSTER, "cluster_size=" + CLUSTER);
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      for (int round = 0; round < 3; round++) {
        for (int cluster = 0; cluster < 32; cluster++) {
          guest.fillCompressed((long) cluster * CLUSTER, CLUSTER, cluster + round);
        }
        guest.fill(3L * CLUSTER + 512, 512, 99);
        assertThat(guest.read(3L * CLUSTER, 1024)).startsWith(3 + round).endsWith(99);
        guest.release(0, 32 * CLUSTER, ReleaseMode.DISCARD);
        format.flush();
      }
    }
    CheckReport report = check(image);
    assertThat(report.clean()).isTrue();
    assertThat(report.allocatedClusters()).isZero();
  }

  /** A cluster that is packed into must not be packed into again once it is let go of. */
  @Test
  void spaceThatWasLetGoOfIsNotPackedInto() throws IOException {
    MemoryNode image = NewImages.create(256 * CLUSTER, "cluster_size=" + CLUSTER);
    byte[] disk = new byte[256 * CLUSTER];
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      for (int step = 0; step < 3000; step++) {
        int cluster = random.nextInt(256);
        long offset = (long) cluster * CLUSTER;
        byte value = (byte) random.nextInt(256);
        switch (random.nextInt(8)) {
          case 0, 1, 2, 3 -> guest.fillCompressed(offset, CLUSTER, value);
          case 4 -> guest.fill(offset, CLUSTER, value);
          case 5, 6 -> {
            guest.release(offset, CLUSTER, ReleaseMode.ZERO_UNMAP);
            value = 0;
          }
          default -> {
            guest.release(offset, CLUSTER, ReleaseMode.TO_BACKING);
            try (CompressedSpace space = format.allocateCompressed(offset, 700)) {
              assertThat(space.hostOffset()).isPositive(); // and is given back
            }
            format.flush();
            value = 0;
          }
        }
        Arrays.fill(disk, cluster * CLUSTER, (cluster + 1) * CLUSTER, value);
      }
      assertThat(guest.read(0, disk.length)).as("seed %d", seed).isEqualTo(disk);
    }
    assertThat(check(image).clean()).as("seed %d", seed).isTrue();
    assertSame(image, disk);
  }

  private static CheckReport check(MemoryNode image) throws IOException {
    try (Qcow2Format format = Images.open(image)) {
      return format.check(Repair.NONE, line -> {});
    }
  }

  private void assertSame(MemoryNode image, byte[] disk) throws IOException {
    Qemu.check(image);
    if (Qemu.installed()) {
      Path copy = Qemu.save(image, folder.resolve("image.qcow2"));
      Path raw = folder.resolve("disk.raw");
      Qemu.img("convert", "-f", "qcow2", "-O", "raw", copy.toString(), raw.toString());
      assertThat(Arrays.mismatch(Files.readAllBytes(raw), disk)).as("seed %d", seed).isEqualTo(-1);
    }
  }

  /** Some compress well, some hardly, and some not at all. */
  private byte[] mixed(int length) {
    byte[] bytes = Seeds.bytes(new SplittableRandom(random.nextLong()), length);
    int mask = (2 << random.nextInt(8)) - 1;
    int copied = random.nextInt(length);
    for (int i = 0; i < length; i++) {
      bytes[i] &= (byte) mask;
    }
    System.arraycopy(bytes, 0, bytes, length - copied, Math.min(copied, length / 2));
    return bytes;
  }
}

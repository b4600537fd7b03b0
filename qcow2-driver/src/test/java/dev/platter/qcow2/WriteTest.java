package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that QEMU created, written through the driver, and checked and compared by QEMU. */
class WriteTest {
  @TempDir Path folder;

  @BeforeEach
  void needsQemu() {
    Qemu.assumeInstalled();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, 512, 16", "1.1, 512, 64", "1.1, 1024, 1", "1.1, 4096, 2", "1.1, 65536, 4",
    "1.1, 65536, 8", "1.1, 65536, 32", "1.1, 65536, 16", "1.1, 2097152, 64", "0.10, 512, 16",
    "0.10, 65536, 16"
  })
  void randomOperationsAgreeWithAModel(String compat, int clusterBytes, int refcountBits)
      throws IOException {
    long seed = Long.getLong("platter.seed", 42);
    MemoryNode node =
        create(
            "compat=%s,cluster_size=%d,refcount_bits=%d"
                .formatted(compat, clusterBytes, refcountBits),
            "20M");
    byte[] model = new byte[20 << 20];
    Random random = new Random(seed);
    for (int round = 0; round < 4; round++) {
      try (Qcow2Format format = Images.open(node.reopen())) {
        DriverGuest guest = new DriverGuest(format);
        for (int i = 0; i < 150; i++) {
          step(guest, model, random, clusterBytes);
        }
        assertThat(guest.read(0, model.length)).as("seed %d", seed).isEqualTo(model);
      }
      Qemu.check(node);
    }
    assertQemuReads(node, model);
  }

  private static void step(DriverGuest guest, byte[] model, Random random, int clusterBytes)
      throws IOException {
    int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 300_000 : 3 * 4096);
    int offset = random.nextInt(model.length - length);
    switch (random.nextInt(8)) {
      case 0 -> {
        ReleaseMode[] modes = {
          ReleaseMode.ZERO_KEEP, ReleaseMode.ZERO_UNMAP, ReleaseMode.DISCARD, ReleaseMode.TO_BACKING
        };
        int from = offset & -clusterBytes;
        int to = Math.min(model.length, (from + length + clusterBytes - 1) & -clusterBytes);
        // Version 2 knows no zero clusters; without a backing file, letting go is as good.
        boolean released =
            guest.release(from, to - from, modes[random.nextInt(4)])
                || guest.release(from, to - from, ReleaseMode.TO_BACKING);
        assertThat(released).isTrue();
        Arrays.fill(model, from, to, (byte) 0);
      }
      case 1 -> guest.driver().flush();
      default -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        guest.write(offset, bytes);
        System.arraycopy(bytes, 0, model, offset, length);
      }
    }
  }

  @Test
  void freedClustersAreFreeInTheImageAfterClose() throws IOException {
    MemoryNode node = create("cluster_size=64k", "64M");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 8 << 20, 1);
      guest.release(0, 8 << 20, ReleaseMode.DISCARD);
    }
    Qemu.check(node);
    assertThat(node.discardedBytes()).isEqualTo(8 << 20);
  }

  private MemoryNode create(String options, String size) {
    Path image = folder.resolve("image.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", options, image.toString(), size);
    return Qemu.node(image);
  }

  private void assertQemuReads(MemoryNode node, byte[] expected) throws IOException {
    Path image = folder.resolve("written.qcow2");
    Path raw = folder.resolve("expected.raw");
    Files.write(image, node.bytes());
    Files.write(raw, expected);
    assertThat(Qemu.img("compare", "-f", "qcow2", "-F", "raw", image.toString(), raw.toString()))
        .contains("Images are identical.");
  }
}

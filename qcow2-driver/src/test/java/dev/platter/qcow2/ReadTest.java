package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that QEMU made, read through the driver. */
class ReadTest {
  private static final int DISK_BYTES = 3 << 20;

  @TempDir Path folder;

  @BeforeEach
  void needsQemu() {
    Qemu.assumeInstalled();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1,  512, 16",
    "1.1, 4096, 1",
    "1.1, 65536, 2",
    "1.1, 65536, 64",
    "1.1, 2097152, 8",
    "0.10, 512, 16",
    "0.10, 65536, 16"
  })
  void readsWhatQemuConverted(String compat, int clusterBytes, int refcountBits)
      throws IOException {
    byte[] expected = pattern();
    Path image =
        convert(
            expected,
            "compat=%s,cluster_size=%d,refcount_bits=%d"
                .formatted(compat, clusterBytes, refcountBits));
    assertReadsAs(image, expected);
  }

  @ParameterizedTest
  @CsvSource({"1.1, 512", "1.1, 65536", "1.1, 2097152", "0.10, 4096"})
  void readsWhatQemuCompressed(String compat, int clusterBytes) throws IOException {
    byte[] expected = pattern();
    Path image =
        convert(expected, "compat=%s,cluster_size=%d".formatted(compat, clusterBytes), "-c");
    assertReadsAs(image, expected);
  }

  @Test
  void mapsEveryKindOfEntry() throws IOException {
    Path image = folder.resolve("kinds.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", image.toString(), "1G");
    Qemu.io(
        image,
        "write -q -P 1 0 128k",
        "write -q -c -P 2 128k 64k",
        "write -q -z 192k 64k",
        "write -q -P 3 256k 64k",
        "write -q -z 256k 64k");
    try (Qcow2Format format = Images.open(Qemu.node(image))) {
      assertThat(format.map(1000, 1 << 20))
          .isInstanceOfSatisfying(
              Mapping.Data.class,
              data -> {
                assertThat(data.length()).isEqualTo((128 << 10) - 1000);
                assertThat(data.hostOffset() & 0xffff).isEqualTo(1000);
                assertThat(data.writable()).isTrue();
              });
      assertThat(format.map(128 << 10, 1 << 20))
          .isInstanceOfSatisfying(
              Mapping.Encoded.class, encoded -> assertThat(encoded.length()).isEqualTo(64 << 10));
      assertThat(format.map(192 << 10, 1 << 20)).isEqualTo(new Mapping.Zero(64 << 10, false, 0));
      assertThat(format.map(256 << 10, 1 << 20))
          .isInstanceOfSatisfying(
              Mapping.Zero.class, zero -> assertThat(zero.allocated()).isTrue());
      assertThat(format.map(320 << 10, 1000)).isEqualTo(new Mapping.Backing(1000));
    }
  }

  @Test
  void answersForAllTablesThatAreNotThereAtOnce() throws IOException {
    Path image = folder.resolve("sparse.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", image.toString(), "8G");
    Qemu.io(image, "write -q 3G 64k");
    try (Qcow2Format format = Images.open(Qemu.node(image))) {
      assertThat(format.map(4096, (8L << 30) - 4096))
          .isEqualTo(new Mapping.Backing((3L << 30) - 4096));
      assertThat(format.map(5L << 30, 3L << 30)).isEqualTo(new Mapping.Backing(3L << 30));
      assertThat(format.backingStart(5L << 30, 1L << 30)).isEqualTo((3L << 30) + (512 << 20));
      assertThat(format.backingStart(1L << 30, 4096)).isEqualTo(4096);
    }
  }

  private void assertReadsAs(Path image, byte[] expected) throws IOException {
    try (Qcow2Format format = Images.open(Qemu.node(image).reopenReadOnly())) {
      assertThat(format.size()).isEqualTo(expected.length);
      DriverGuest guest = new DriverGuest(format);
      assertThat(guest.read(0, expected.length)).isEqualTo(expected);
      for (int offset = 0; offset < expected.length; offset += 60_001) {
        int length = Math.min(5_000, expected.length - offset);
        assertThat(guest.read(offset, length))
            .as("bytes at %d", offset)
            .isEqualTo(java.util.Arrays.copyOfRange(expected, offset, offset + length));
      }
    }
  }

  private Path convert(byte[] bytes, String options, String... flags) throws IOException {
    Path raw = folder.resolve("raw");
    Path image = folder.resolve("image.qcow2");
    Files.write(raw, bytes);
    java.util.List<String> arguments =
        new java.util.ArrayList<>(java.util.List.of("convert", "-f", "raw", "-O", "qcow2"));
    arguments.addAll(java.util.List.of(flags));
    arguments.addAll(java.util.List.of("-o", options, raw.toString(), image.toString()));
    Qemu.img(arguments.toArray(String[]::new));
    return image;
  }

  /** Random bytes, text that deflates well, and zeros in turns. */
  private static byte[] pattern() {
    byte[] bytes = new byte[DISK_BYTES];
    Random random = new Random(1);
    for (int at = 0; at < bytes.length; at += 100_000) {
      int end = Math.min(bytes.length, at + 100_000);
      int kind = random.nextInt(3);
      for (int i = at; i < end; i++) {
        bytes[i] = (byte) (kind == 0 ? random.nextInt() : kind == 1 ? i / 7 % 50 : 0);
      }
    }
    return bytes;
  }
}

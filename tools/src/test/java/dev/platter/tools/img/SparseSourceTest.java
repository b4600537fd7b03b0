package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.tools.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code img convert} reads of a raw file with holes: below the source lies a filter that
 * fails every read of a hole's first or last sector, or of one of each 64 KiB between.
 */
class SparseSourceTest {
  private static final int SIZE = 8 << 20;
  private static final int STEP = 64 << 10;
  private static final int SECTOR = 512;

  /** Where data begins and ends. */
  private static final int[][] DATA = {{1 << 20, (1 << 20) + STEP}, {5 << 20, (5 << 20) + 4096}};

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void makeSparseFile() throws IOException {
    file = folder.resolve("sparse.raw");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(SIZE);
      for (int[] data : DATA) {
        byte[] bytes = new byte[data[1] - data[0]];
        Arrays.fill(bytes, (byte) 7);
        sparse.seek(data[0]);
        sparse.write(bytes);
      }
    }
    Run map = Run.of("img", "map", "-f", "raw", file.toString());
    assumeTrue(
        map.out().lines().count() == 1 + DATA.length, "the file system keeps holes: " + map.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-O raw",
        "-O raw -S 0",
        "-O raw -W -m 4",
        "-O qcow2",
        "-O qcow2 -c",
        "-O qcow2 -S 0",
        "-O qcow2 -o preallocation=metadata"
      })
  void holesAreNeverRead(String options) {
    int readBytes = options.contains("-c") ? STEP : SECTOR; // clusters are compressed as wholes
    Path copy = folder.resolve("copy");
    String line =
        "img convert --image-opts %s %s %s".formatted(options, failingInHoles(readBytes), copy);
    Run convert = Run.of(line.split(" "));
    assertThat(convert.err()).isEmpty();
    assertThat(convert.status()).isZero();
    assertThat(Run.of("img", "compare", "-f", "raw", file.toString(), copy.toString()).status())
        .isZero();
  }

  @Test
  void readOfAHoleWouldHaveFailed() {
    Run read = Run.of("io", "--image-opts", "-r", "-c", "read 2M 64k", failingInHoles(SECTOR));
    assertThat(read.out() + read.err()).contains("read failed: Input/output error");
  }

  /**
   * @param readBytes what is read as a whole where any of it is data
   */
  private String failingInHoles(int readBytes) {
    StringBuilder source =
        new StringBuilder(
            "driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename=" + file);
    int rule = 0;
    int hole = 0;
    for (int i = 0; i <= DATA.length; i++) {
      int end = i < DATA.length ? DATA[i][0] & -readBytes : SIZE;
      for (int at = hole; at < end; at += STEP) {
        rule = addRule(source, rule, at);
      }
      rule = addRule(source, rule, end - SECTOR);
      hole = i < DATA.length ? (DATA[i][1] + readBytes - 1) & -readBytes : SIZE;
    }
    return source.toString();
  }

  private static int addRule(StringBuilder source, int number, int offset) {
    source
        .append(",file.inject-error.%d.event=none".formatted(number))
        .append(",file.inject-error.%d.iotype=read".formatted(number))
        .append(",file.inject-error.%d.sector=%d".formatted(number, offset / SECTOR));
    return number + 1;
  }
}

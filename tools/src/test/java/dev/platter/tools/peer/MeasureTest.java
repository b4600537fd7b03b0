package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.tools.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes of random images, beside what QEMU says they will be. */
class MeasureTest {
  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);
  @TempDir private Path folder;

  @Test
  void sizesAreThoseThatQemuSays() throws Exception {
    assumeTrue(QemuProgram.isInstalled(), "qemu-img is not installed");
    for (int round = 0; round < 40; round++) {
      List<String> words = new ArrayList<>(List.of("img", "measure", "-O", "qcow2"));
      words.addAll(List.of("--size", Long.toString(size())));
      words.addAll(options());
      assertSame(words);
    }
  }

  @Test
  void sizesOfWhatIsCopiedAreThoseThatQemuSays() throws Exception {
    assumeTrue(QemuProgram.isInstalled(), "qemu-img is not installed");
    for (int round = 0; round < 4; round++) {
      String image = folder.resolve("image" + round + ".qcow2").toString();
      int clusterBytes = 512 << random.nextInt(8);
      String layout = "cluster_size=" + clusterBytes;
      assertThat(Run.of("img", "create", "-f", "qcow2", "-o", layout, image, "3M").status())
          .isZero();
      List<String> writes = new ArrayList<>(List.of("io"));
      for (int i = 0; i < 12; i++) {
        int start = random.nextInt(5000) * 512;
        String kind = List.of("write", "write -z", "write -P 0").get(random.nextInt(3));
        int length = 512 * (1 + random.nextInt(900));
        writes.addAll(List.of("-c", "%s %d %d".formatted(kind, start, length)));
      }
      writes.add(image);
      assertThat(run(writes).status()).isZero();
      for (int i = 0; i < 6; i++) {
        List<String> words = new ArrayList<>(List.of("img", "measure", "-O", "qcow2"));
        words.addAll(options());
        words.add(image);
        assertSame(words);
      }
    }
  }

  private void assertSame(List<String> words) throws Exception {
    Run ours = run(words);
    Program.Result theirs = new QemuProgram().run(words, new byte[0]);
    assertThat(ours.out()).as("seed %d: %s", seed, words).isEqualTo(theirs.out());
    assertThat(ours.err()).as("seed %d: %s", seed, words).isEqualTo(theirs.err());
    assertThat(ours.status()).isEqualTo(theirs.status());
  }

  private static Run run(List<String> words) {
    return Run.of(words, new byte[0]);
  }

  private long size() {
    return random.nextLong(1L << (9 + random.nextInt(38)));
  }

  private List<String> options() {
    List<String> options = new ArrayList<>();
    if (random.nextBoolean()) {
      options.add("cluster_size=" + (512 << random.nextInt(13)));
    }
    if (random.nextBoolean()) {
      options.add("refcount_bits=" + (1 << random.nextInt(7)));
    }
    if (random.nextInt(4) == 0) {
      options.add("compat=" + (random.nextBoolean() ? "0.10" : "1.1"));
    }
    if (random.nextInt(4) == 0) {
      options.add(
          "preallocation=" + List.of("off", "metadata", "falloc", "full").get(random.nextInt(4)));
    }
    if (random.nextInt(6) == 0) {
      options.add("lazy_refcounts=on");
    }
    return options.isEmpty() ? List.of() : List.of("-o", String.join(",", options));
  }
}

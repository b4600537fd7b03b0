package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomBenchTest {
  @TempDir private Path folder;

  @Test
  void randomRequestsWriteAllOfASmallImageAndNothingBehindIt() throws IOException {
    Path image = Files.write(folder.resolve("a.raw"), new byte[3 * 4096]);
    Run result =
        Run.of(
            "img",
            "bench",
            "-w",
            "--pattern",
            "7",
            "-c",
            "200",
            "-d",
            "2",
            "--random",
            "42",
            "-f",
            "raw",
            image.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("2 in parallel (at random offsets, seed 42)");
    assertThat(Files.readAllBytes(image)).hasSize(3 * 4096).containsOnly(7);
  }

  @Test
  void seedThatIsNoNumberIsRefused() {
    Run result = Run.of("img", "bench", "--random", "x", "none.raw");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("Invalid seed specified");
  }
}

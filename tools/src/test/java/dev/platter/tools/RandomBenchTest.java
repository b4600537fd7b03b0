package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"-o", "-S"})
  void whatWouldChooseOffsetsBesideASeedIsRefused(String option) {
    Run result = Run.of("img", "bench", "--random", "1", option, "4k", "none.raw");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err())
        .contains("--random chooses every offset and cannot be used with -o or -S");
  }

  @Test
  void helpNamesTheWaysToChooseOffsets() {
    assertThat(Run.of("img", "--help").out()).contains("[-S step | --random=seed]");
  }

  @Test
  void seedThatIsNoNumberIsRefused() {
    Run result = Run.of("img", "bench", "--random", "x", "none.raw");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("Invalid seed specified");
  }
}

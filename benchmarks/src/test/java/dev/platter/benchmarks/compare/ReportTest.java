package dev.platter.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final List<Result> RESULTS =
      List.of(
          row("cache", "O_DIRECT, clusters in order, 1M"),
          row("cache", "O_DIRECT, clusters random, 1M"),
          row("cache", "O_DIRECT, clusters random, 2.5M"),
          row("cache", "Platter's 1M by its 2.5M, random"),
          row("chain", "O_DIRECT, random, overlays: 1"),
          row("chain", "O_DIRECT, random, overlays: 500"),
          row("chain", "1 TiB, empty, random, overlays: 500"));

  @TempDir private Path folder;

  @Test
  void aChartHasTheRowsOfItsOwnImagesAlone() {
    Report report = new Report(List.of(), RESULTS);
    assertThat(report.rows("chain", ChainScenarios.EMPTY_OVERLAYS))
        .containsExactly(RESULTS.get(4), RESULTS.get(5));
    assertThat(report.rows("cache", Scenarios.RANDOM_ORDER))
        .containsExactly(RESULTS.get(1), RESULTS.get(2));
  }

  @Test
  void filesAreTheSameInEveryLanguage() throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      new Report(List.of("one condition"), RESULTS).write(folder);
    } finally {
      Locale.setDefault(before);
    }
    assertThat(Files.readAllLines(folder.resolve("compare.tsv")))
        .contains(
            "cache\tO_DIRECT, clusters random, 1M\tIOPS\t12345.5\t1000.0\t12.35\t>= 2 x\tyes"
                + "\t0.125");
    assertThat(Files.readAllLines(folder.resolve("compare.md")))
        .contains("one condition  ", "7 of 7 goals reached.")
        .contains(
            "| O_DIRECT, clusters random, 1M | 12,346 | 1,000 | 12.35 | >= 2 x | yes | 13 % |");
    assertThat(folder.resolve("cache.svg")).exists();
    assertThat(folder.resolve("chain.svg")).exists();
  }

  private static Result row(String group, String what) {
    return new Result(group, what, "IOPS", 12_345.5, 1_000, 0.125, Goal.ratio(2));
  }
}

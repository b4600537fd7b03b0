package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The rows of a comparison, as files.
 *
 * @param conditions under which the figures were taken, one a line
 * @param results the rows
 */
record Report(List<String> conditions, List<Result> results) {
  private static final String COLUMNS =
      "| what | Platter | QEMU | ratio | goal | reached | spread |";

  /** Writes the data, the table, and the charts whose rows are there. */
  void write(Path folder) throws IOException {
    writeData(folder.resolve("compare.tsv"));
    writeTable(folder.resolve("compare.md"));
    chart(
        rows("cache", Scenarios.RANDOM_ORDER),
        "4 KiB reads/s, 20 GiB, clusters in random order, by l2-cache-size",
        folder.resolve("cache.svg"));
    chart(
        rows("chain", ChainScenarios.EMPTY_OVERLAYS),
        "4 KiB reads/s by the number of empty overlays over an 8 GiB base",
        folder.resolve("chain.svg"));
  }

  /** The goals that were not reached. */
  List<Result> missed() {
    return results.stream().filter(result -> !result.reached()).toList();
  }

  /** How many goals there are. */
  long goalCount() {
    return results.stream().filter(Result::hasGoal).count();
  }

  private void writeData(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("group\twhat\tunit\tplatter\tqemu\tratio\tgoal\treached\tspread");
    results.forEach(result -> lines.add(result.tsv()));
    Files.write(file, lines);
  }

  private void writeTable(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# What `benchmarks/compare` saw");
    lines.add("");
    conditions.forEach(line -> lines.add(line + "  "));
    lines.add(
        String.format(
            Locale.ROOT, "%d of %d goals reached.", goalCount() - missed().size(), goalCount()));
    Set<String> groups = new LinkedHashSet<>();
    results.forEach(result -> groups.add(result.group()));
    for (String group : groups) {
      lines.addAll(List.of("", "## " + group, "", COLUMNS, "|---|---|---|---|---|---|---|"));
      results.stream()
          .filter(result -> result.group().equals(group))
          .forEach(result -> lines.add(result.markdown()));
    }
    Files.write(file, lines);
  }

  /** The rows of a group that begin with these words. */
  List<Result> rows(String group, String beginning) {
    return results.stream()
        .filter(result -> result.group().equals(group) && result.what().startsWith(beginning))
        .toList();
  }

  /** Draws rows, each of which ends with what it is drawn over. */
  private static void chart(List<Result> points, String title, Path file) throws IOException {
    if (points.size() > 1) {
      new Chart(
              title,
              points.stream().map(point -> lastWord(point.what())).toList(),
              points.stream().map(Result::platter).toList(),
              points.stream().map(Result::qemu).toList())
          .write(file);
    }
  }

  private static String lastWord(String what) {
    return what.substring(what.lastIndexOf(' ') + 1);
  }
}

package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** {@code benchmarks/compare}: see {@code docs/performance.md}. */
final class Compare {
  private static final List<String> GROUPS =
      List.of("cache", "depth", "chain", "allocate", "convert", "start");

  private Compare() {}

  /**
   * Runs the comparison.
   *
   * @param args the checkout, then options
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path home = Path.of(args[0]);
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    int runs = 5;
    double seconds = 2;
    Set<String> only = Set.copyOf(GROUPS);
    for (int i = 1; i + 1 < args.length; i += 2) {
      String value = args[i + 1];
      switch (args[i]) {
        case "--dir" -> parent = Path.of(value);
        case "--runs" -> runs = Integer.parseInt(value);
        case "--seconds" -> seconds = Double.parseDouble(value);
        case "--only" -> only = Set.of(value.split(","));
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
    if (!GROUPS.containsAll(only)) {
      throw new IllegalArgumentException("--only takes of " + String.join(",", GROUPS));
    }
    Path folder = Files.createTempDirectory(parent, "compare");
    try {
      Comparison comparison = new Comparison(new Programs(home.resolve("platter")), runs, seconds);
      announce(runs, seconds);
      new Scenarios(comparison, new Images(folder)).run(only);
      write(comparison.results(), Files.createDirectories(home.resolve("docs/performance")));
    } finally {
      delete(folder);
    }
  }

  private static void announce(int runs, double seconds) throws IOException {
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 2))
            .orElse("unknown processor");
    System.out.printf(
        "%s, %d processors, Linux %s, Java %s%n",
        model,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.version"),
        System.getProperty("java.version"));
    System.out.printf("medians of %d runs of about %s s each, in turns%n%n", runs, seconds);
    System.out.printf(
        "%-9s %-52s %12s %12s %8s %7s %4s  %s%n",
        "group", "what", "Platter", "QEMU", "ratio", "goal", "met", "spread");
  }

  private static void write(List<Result> results, Path docs) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("group\twhat\tunit\tplatter\tqemu\tratio\tgoal\tspread");
    results.forEach(result -> lines.add(result.tsv()));
    Files.write(docs.resolve("compare.tsv"), lines);
    for (String group : List.of("cache", "chain")) {
      List<Result> points =
          results.stream()
              .filter(result -> result.group().equals(group) && result.what().contains("random, "))
              .toList();
      if (points.size() > 1) {
        new Chart(
                group.equals("cache")
                    ? "4 KiB reads/s, 20 GiB, clusters in random order, by l2-cache-size"
                    : "4 KiB reads/s by the number of empty overlays over an 8 GiB base",
                points.stream().map(point -> lastWord(point.what())).toList(),
                points.stream().map(Result::platter).toList(),
                points.stream().map(Result::qemu).toList())
            .write(docs.resolve(group + ".svg"));
      }
    }
  }

  private static String lastWord(String what) {
    return what.substring(what.lastIndexOf(' ') + 1);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** {@code benchmarks/compare}: see {@code docs/performance.md}. */
final class Compare {
  private static final List<String> GROUPS =
      List.of("cache", "depth", "chain", "allocate", "convert", "start", "device");

  private Compare() {}

  /**
   * Runs the comparison.
   *
   * @param args the checkout, then options
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path home = Path.of(args[0]);
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    Path output = home.resolve("docs/performance");
    int runs = 5;
    double seconds = 5;
    Set<String> only = Set.copyOf(GROUPS);
    for (int i = 1; i + 1 < args.length; i += 2) {
      String value = args[i + 1];
      switch (args[i]) {
        case "--dir" -> parent = Path.of(value);
        case "--out" -> output = Path.of(value);
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
    Path benchmarks = home.resolve("benchmarks/target/benchmarks.jar");
    try {
      Programs programs = new Programs(home.resolve("platter"), benchmarks);
      run(new Comparison(programs, runs, seconds), new Images(folder), only, output);
    } finally {
      delete(folder);
    }
  }

  private static void run(Comparison comparison, Images images, Set<String> groups, Path output)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    List<String> conditions = conditions(comparison);
    conditions.forEach(System.out::println);
    System.out.printf("%n%s%n", Result.HEADING);
    new Scenarios(comparison, images).run(groups);
    Report report = new Report(conditions, comparison.results());
    report.write(Files.createDirectories(output));
    long missed = report.missed().size();
    System.out.printf(
        "%n%d of %d goals reached, in %d s%n",
        report.goalCount() - missed,
        report.goalCount(),
        (System.nanoTime() - start) / 1_000_000_000);
    report.missed().forEach(result -> System.out.println("not reached: " + result.text()));
  }

  private static List<String> conditions(Comparison comparison)
      throws IOException, InterruptedException {
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 2))
            .orElse("unknown processor");
    String qemu = Programs.run(List.of("qemu-img", "--version")).lines().findFirst().orElseThrow();
    String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
    return List.of(
        "%s, %d processors, Linux %s, Java %s"
            .formatted(
                model,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                System.getProperty("java.version")),
        "%s; load average %s at the start".formatted(qemu, load),
        "medians of %d runs of about %s s each, in turns"
            .formatted(comparison.runs(), comparison.seconds()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** {@code benchmarks/compare}: see {@code docs/performance.md}. */
final class Compare {
  private static final int MISUSE = 2;

  private Compare() {}

  /**
   * Runs the comparison.
   *
   * @param args the checkout, then options
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path home = Path.of(args[0]);
    List<String> arguments = List.of(args).subList(1, args.length);
    if (CompareOptions.askForHelp(arguments)) {
      System.out.println(CompareOptions.USAGE);
      return;
    }
    CompareOptions options;
    try {
      options = CompareOptions.parse(arguments, home.resolve("docs/performance"));
    } catch (CompareOptions.UsageException e) {
      System.err.println("compare: " + e.getMessage());
      System.err.println(CompareOptions.USAGE);
      System.exit(MISUSE);
      return;
    }
    Path folder = Files.createTempDirectory(options.folder(), "compare");
    Path benchmarks = home.resolve("benchmarks/target/benchmarks.jar");
    try {
      Programs programs = new Programs(home.resolve("platter"), benchmarks);
      run(new Comparison(programs, options.runs(), options.seconds()), new Images(folder), options);
    } finally {
      delete(folder);
    }
  }

  /** Runs the groups. What was measured before something fails is written all the same. */
  private static void run(Comparison comparison, Images images, CompareOptions options)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    List<String> conditions = new ArrayList<>(conditions(comparison));
    conditions.forEach(System.out::println);
    System.out.printf("%n%s%n", Result.HEADING);
    conditions.add("Cut short: the rows that are missing were not measured.");
    try {
      new Scenarios(comparison, images).run(options.groups());
      conditions.removeLast();
    } finally {
      write(new Report(conditions, comparison.results()), options.output());
    }
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    System.out.printf(Locale.ROOT, "in %d s%n", seconds);
  }

  private static void write(Report report, Path output) throws IOException {
    if (report.results().isEmpty()) {
      return;
    }
    report.write(Files.createDirectories(output));
    long missed = report.missed().size();
    System.out.printf(
        Locale.ROOT, "%n%d of %d goals reached%n", report.goalCount() - missed, report.goalCount());
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

package dev.platter.benchmarks.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code benchmarks/compare} was asked for.
 *
 * @param folder in which the images are made
 * @param output where the table goes
 * @param runs how often each side is measured
 * @param seconds how long a run of requests should take
 * @param groups which parts are measured
 */
record CompareOptions(Path folder, Path output, int runs, double seconds, Set<String> groups) {
  /** All groups. */
  static final List<String> GROUPS =
      List.of("start", "cache", "depth", "chain", "allocate", "convert", "device");

  /** How to call it. */
  static final String USAGE =
      """
      usage: benchmarks/compare [--dir DIR] [--out DIR] [--runs N] [--seconds S] [--only GROUP,...]

        --dir DIR      where some 15 GB of images are made, and removed again (a temporary folder)
        --out DIR      where compare.tsv, compare.md and the charts go (docs/performance)
        --runs N       how often each side is measured (5)
        --seconds S    how long a run of requests should take (5)
        --only GROUP   only these of start,cache,depth,chain,allocate,convert,device; needs --out,
                       because a table of some groups is not put in place of the whole one
        --help         says this\
      """;

  private static final int DEFAULT_RUNS = 5;
  private static final double DEFAULT_SECONDS = 5;
  private static final Set<String> NAMES =
      Set.of("--dir", "--out", "--runs", "--seconds", "--only");

  /** Options that make no sense; the message says which. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  CompareOptions {
    groups = Set.copyOf(groups);
  }

  /** Whether they ask for help, whatever else they ask for. */
  static boolean askForHelp(List<String> arguments) {
    return arguments.contains("--help") || arguments.contains("-h");
  }

  /**
   * Reads options.
   *
   * @param whole where the table of all groups goes unless the options say otherwise
   * @throws UsageException if one is not known, lacks its value, or has one that makes no sense
   */
  static CompareOptions parse(List<String> arguments, Path whole) throws UsageException {
    Map<String, String> given = given(arguments);
    Set<String> groups = groups(given.getOrDefault("--only", String.join(",", GROUPS)));
    if (groups.size() < GROUPS.size() && !given.containsKey("--out")) {
      throw new UsageException("--only needs --out: it would replace the table of all groups");
    }
    String folder = given.getOrDefault("--dir", System.getProperty("java.io.tmpdir"));
    return new CompareOptions(
        Path.of(folder),
        given.containsKey("--out") ? Path.of(given.get("--out")) : whole,
        given.containsKey("--runs") ? runs(given.get("--runs")) : DEFAULT_RUNS,
        given.containsKey("--seconds") ? seconds(given.get("--seconds")) : DEFAULT_SECONDS,
        groups);
  }

  private static Map<String, String> given(List<String> arguments) throws UsageException {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (!NAMES.contains(name)) {
        throw new UsageException("unknown option " + name);
      }
      if (i + 1 == arguments.size()) {
        throw new UsageException(name + " needs a value");
      }
      given.put(name, arguments.get(i + 1));
    }
    return given;
  }

  private static Set<String> groups(String list) throws UsageException {
    Set<String> groups = new LinkedHashSet<>(List.of(list.split(",", -1)));
    List<String> unknown = new ArrayList<>(groups);
    unknown.removeAll(GROUPS);
    if (!unknown.isEmpty()) {
      throw new UsageException("there is no group '%s'".formatted(unknown.getFirst()));
    }
    return groups;
  }

  private static int runs(String text) throws UsageException {
    try {
      int runs = Integer.parseInt(text);
      if (runs > 0) {
        return runs;
      }
    } catch (NumberFormatException e) {
      // says the same
    }
    throw new UsageException("--runs takes a number from 1 on, not " + text);
  }

  private static double seconds(String text) throws UsageException {
    try {
      double seconds = Double.parseDouble(text);
      if (seconds > 0 && Double.isFinite(seconds)) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // says the same
    }
    throw new UsageException("--seconds takes a number above 0, not " + text);
  }
}

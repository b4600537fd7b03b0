package dev.platter.benchmarks.compare;

import dev.platter.benchmarks.compare.Programs.Side;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures both sides in turns, and takes the medians. */
final class Comparison {
  private static final int FIRST_COUNT = 50;
  private static final int MAXIMUM_COUNT = 16_000_000;
  private static final int AIO_RUNS = 3;
  private static final double AIO_SECONDS = 0.3;

  private final Programs programs;
  private final int runs;
  private final double seconds;
  private final List<Result> results = new ArrayList<>();

  /**
   * @param runs how often each side is measured
   * @param seconds how long a run of requests should take
   */
  Comparison(Programs programs, int runs, double seconds) {
    this.programs = programs;
    this.runs = runs;
    this.seconds = seconds;
  }

  List<Result> results() {
    return results;
  }

  /** How often each side is measured. */
  int runs() {
    return runs;
  }

  /** How long a run of requests should take. */
  double seconds() {
    return seconds;
  }

  Programs programs() {
    return programs;
  }

  /** Arguments of {@code bench} but for the count, one list for each side. */
  record Requests(List<String> platter, List<String> qemu) {
    List<String> of(Side side) {
      return side == Side.PLATTER ? platter : qemu;
    }
  }

  /** What a run needs that needs nothing fresh. */
  private static final Preparation NOTHING = () -> {};

  /** Prepares a run, where each needs something fresh. */
  @FunctionalInterface
  interface Preparation {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Compares requests per second.
   *
   * <p>Each side sends as many requests as take it about the given time, so that neither a slow
   * side takes for ever, nor a fast one measures its first moments.
   */
  Result bench(String group, String what, Goal goal, Requests requests)
      throws IOException, InterruptedException {
    Map<Side, Integer> counts = new EnumMap<>(Side.class);
    for (Side side : Side.values()) {
      counts.put(side, count(side, requests.of(side), seconds, NOTHING));
    }
    Map<Side, double[]> rates = figures();
    for (int run = 0; run < runs; run++) {
      for (Side side : Side.values()) {
        int count = counts.get(side);
        rates.get(side)[run] = count / programs.bench(side, counted(requests.of(side), count));
      }
    }
    return add(group, what, "IOPS", goal, rates);
  }

  /** Compares requests per second where every run starts from the same image. */
  Result fresh(
      String group, String what, Goal goal, Requests requests, int count, Preparation preparation)
      throws IOException, InterruptedException {
    Map<Side, double[]> rates = figures();
    for (int run = 0; run < runs; run++) {
      for (Side side : Side.values()) {
        preparation.run();
        rates.get(side)[run] = count / programs.bench(side, counted(requests.of(side), count));
      }
    }
    return add(group, what, "IOPS", goal, rates);
  }

  /**
   * Compares how long whole commands take.
   *
   * @param arguments {@code img} or {@code io}, and what follows it
   */
  Result commands(
      String group, String what, Goal goal, List<String> arguments, Preparation preparation)
      throws IOException, InterruptedException {
    Map<Side, double[]> times = figures();
    for (int run = 0; run < runs; run++) {
      for (Side side : Side.values()) {
        preparation.run();
        List<String> command = new ArrayList<>(programs.tool(side, arguments.getFirst()));
        command.addAll(arguments.subList(1, arguments.size()));
        times.get(side)[run] = programs.time(command);
      }
    }
    return add(group, what, "s", goal, times);
  }

  /** The requests, by QEMU in the way that is fastest for it. */
  Requests best(List<String> options) throws IOException, InterruptedException {
    return best(options, NOTHING);
  }

  /** The same where each run needs something fresh. */
  Requests best(List<String> options, Preparation preparation)
      throws IOException, InterruptedException {
    return new Requests(options, with(bestAio(options, preparation), options));
  }

  /** Arguments with a way for QEMU to do I/O. */
  static List<String> with(String aio, List<String> options) {
    List<String> with = new ArrayList<>(List.of("-i", aio));
    with.addAll(options);
    return with;
  }

  /** The best of QEMU's ways to do I/O. */
  String bestAio(List<String> arguments) throws IOException, InterruptedException {
    return bestAio(arguments, NOTHING);
  }

  /** The best of QEMU's ways to do I/O, by the medians of a few short runs each. */
  private String bestAio(List<String> arguments, Preparation preparation)
      throws IOException, InterruptedException {
    String best = "threads";
    double bestTime = Double.MAX_VALUE;
    int count = count(Side.QEMU, with(best, arguments), AIO_SECONDS, preparation);
    for (String aio : List.of("threads", "native", "io_uring")) {
      if (aio.equals("native") && !arguments.contains("none")) {
        continue; // for direct I/O only
      }
      try {
        double[] times = new double[AIO_RUNS];
        for (int run = 0; run < AIO_RUNS; run++) {
          preparation.run();
          times[run] = programs.bench(Side.QEMU, counted(with(aio, arguments), count));
        }
        double time = median(times);
        if (time < bestTime) {
          best = aio;
          bestTime = time;
        }
      } catch (IOException e) {
        System.err.println("QEMU cannot do aio=" + aio + " here: " + e.getMessage());
      }
    }
    return best;
  }

  /** How many requests take about the wanted time; the first ones are slow, so many are tried. */
  private int count(Side side, List<String> arguments, double wanted, Preparation preparation)
      throws IOException, InterruptedException {
    int count = FIRST_COUNT;
    while (true) {
      preparation.run();
      double took = Math.max(0.001, programs.bench(side, counted(arguments, count)));
      if (took >= wanted / 2 || count == MAXIMUM_COUNT) {
        return (int) Math.clamp(count * wanted / took, FIRST_COUNT / 5.0, MAXIMUM_COUNT);
      }
      count = (int) Math.min(MAXIMUM_COUNT, count * Math.clamp(wanted / took, 4.0, 20.0));
    }
  }

  private static List<String> counted(List<String> arguments, int count) {
    List<String> all = new ArrayList<>(List.of("-c", Integer.toString(count)));
    all.addAll(arguments);
    return all;
  }

  private Map<Side, double[]> figures() {
    Map<Side, double[]> figures = new EnumMap<>(Side.class);
    for (Side side : Side.values()) {
      figures.put(side, new double[runs]);
    }
    return figures;
  }

  private Result add(
      String group, String what, String unit, Goal goal, Map<Side, double[]> figures) {
    double[] platter = figures.get(Side.PLATTER);
    double[] qemu = figures.get(Side.QEMU);
    double spread = Math.max(spread(platter), spread(qemu));
    return add(new Result(group, what, unit, median(platter), median(qemu), spread, goal));
  }

  /** Adds a row, and prints it. */
  Result add(Result result) {
    results.add(result);
    System.out.println(result.text());
    return result;
  }

  /**
   * Compares two ways to send requests, both Platter's, in turns: what the machine does meanwhile
   * meets both. Of each as many are sent as take about the given time.
   *
   * @param least how much of the second one's rate the first shall have
   */
  void flat(String group, String what, double least, List<String> first, List<String> second)
      throws IOException, InterruptedException {
    int count = count(Side.PLATTER, first, seconds, NOTHING);
    int otherCount = count(Side.PLATTER, second, seconds, NOTHING);
    double[] rates = new double[runs];
    double[] others = new double[runs];
    for (int run = 0; run < runs; run++) {
      rates[run] = count / programs.bench(Side.PLATTER, counted(first, count));
      others[run] = otherCount / programs.bench(Side.PLATTER, counted(second, otherCount));
    }
    double spread = Math.max(spread(rates), spread(others));
    add(new Result(group, what, "IOPS", median(rates), median(others), spread, Goal.ratio(least)));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double spread(double[] values) {
    double smallest = Arrays.stream(values).min().orElseThrow();
    double largest = Arrays.stream(values).max().orElseThrow();
    return (largest - smallest) / median(values);
  }
}

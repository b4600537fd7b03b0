package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests through the device, from virtqueue to used ring over a disk in memory, and through the
 * nodes, from a backend to a system call, on one thread: JMH benchmarks, with their bytes of heap
 * for each request. QEMU has no such thing to compare with.
 */
final class DeviceScenarios {
  private static final String ALLOCATED = "gc.alloc.rate.norm";
  private static final Goal FAST = Goal.atLeast(500_000);
  private static final Goal NOTHING = Goal.atMost(1);
  private static final List<String> USUAL = List.of("-p", "indirect=true", "-p", "eventIndex=true");

  private static final List<String> INLINE = List.of("-p", "executor=inline");

  /** A disk would not let a writer run often enough to be compiled within the time there is. */
  private static final List<String> BUFFERED = List.of("-p", "direct=false");

  private static final int SCORE_COLUMN = 4;
  private static final int ERROR_COLUMN = 5;
  private static final int FIRST_PARAMETER_COLUMN = 7;

  private final Comparison comparison;
  private final Images images;

  DeviceScenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
  }

  void run() throws IOException, InterruptedException {
    measure("4 KiB reads", "DevicePathBenchmark.read", FAST, NOTHING, INLINE);
    List<String> adaptive = new ArrayList<>(USUAL);
    adaptive.addAll(List.of("-p", "executor=adaptive"));
    measure("4 KiB reads", "DevicePathBenchmark.read", FAST, NOTHING, adaptive);
    measure("4 KiB writes", "DevicePathBenchmark.write", FAST, NOTHING, USUAL);
    List<String> many = new ArrayList<>(USUAL);
    many.addAll(INLINE);
    many.addAll(List.of("-p", "buffers=8192"));
    measure("4 KiB reads", "DevicePathBenchmark.read", FAST, Goal.NONE, many);
    measure("4 KiB reads of a node", "NodeReadBenchmark.read", Goal.NONE, NOTHING, List.of());
    measure("4 KiB writes to a node", "NodeReadBenchmark.write", Goal.NONE, NOTHING, BUFFERED);
  }

  /** Runs a benchmark and adds two rows for each combination of its parameters. */
  private void measure(String what, String benchmark, Goal speed, Goal heap, List<String> options)
      throws IOException, InterruptedException {
    Path csv = images.path("device.csv");
    List<String> arguments = new ArrayList<>(List.of(benchmark, "-prof", "gc"));
    arguments.addAll(List.of("-i", "" + comparison.runs(), "-rf", "csv", "-rff", csv.toString()));
    arguments.addAll(List.of("-jvmArgsAppend", "-Djava.io.tmpdir=" + images.folder()));
    arguments.addAll(options);
    comparison.programs().benchmark("org.openjdk.jmh.Main", arguments);
    List<String> lines = Files.readAllLines(csv);
    List<String> names = cells(lines.getFirst());
    for (String line : lines.subList(1, lines.size())) {
      List<String> row = cells(line);
      boolean allocated = row.getFirst().endsWith(ALLOCATED);
      if (allocated || !row.getFirst().contains(":")) {
        add(what, names, row, allocated ? heap : speed, allocated);
      }
    }
  }

  private void add(
      String measured, List<String> names, List<String> row, Goal goal, boolean allocated) {
    StringBuilder what = new StringBuilder(allocated ? "bytes of heap, " : "").append(measured);
    for (int i = FIRST_PARAMETER_COLUMN; i < row.size(); i++) {
      String name = names.get(i).replace("Param: ", "");
      what.append(", ")
          .append(
              switch (row.get(i)) {
                case "true" -> name;
                case "false" -> "not " + name;
                default -> row.get(i) + " " + name;
              });
    }
    double score = Double.parseDouble(row.get(SCORE_COLUMN));
    double error = Double.parseDouble(row.get(ERROR_COLUMN));
    comparison.add(
        new Result(
            "device",
            what.toString(),
            allocated ? "B" : "req/s",
            score,
            Double.NaN,
            allocated || Double.isNaN(error) ? 0 : 2 * error / score,
            goal));
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.split(",", -1)) {
      cells.add(cell.replace("\"", ""));
    }
    return cells;
  }
}

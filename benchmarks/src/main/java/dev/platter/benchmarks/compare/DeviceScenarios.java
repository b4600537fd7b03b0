package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests through the device, from virtqueue to used ring over a disk in memory, on one thread: a
 * JMH benchmark, with its bytes of heap for each request. QEMU has no such thing to compare with.
 */
final class DeviceScenarios {
  private static final String ALLOCATED = "gc.alloc.rate.norm";
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
    Path csv = images.path("device.csv");
    comparison
        .programs()
        .benchmark(
            "org.openjdk.jmh.Main",
            List.of(
                "DevicePathBenchmark",
                "-prof",
                "gc",
                "-i",
                "" + comparison.runs(),
                "-rf",
                "csv",
                "-rff",
                csv.toString()));
    List<String> lines = Files.readAllLines(csv);
    List<String> names = cells(lines.getFirst());
    for (String line : lines.subList(1, lines.size())) {
      List<String> row = cells(line);
      boolean allocated = row.getFirst().endsWith(ALLOCATED);
      if (allocated || !row.getFirst().contains(":")) {
        add(names, row, allocated);
      }
    }
  }

  private void add(List<String> names, List<String> row, boolean allocated) {
    StringBuilder what = new StringBuilder(allocated ? "bytes of heap a request" : "4 KiB reads");
    for (int i = FIRST_PARAMETER_COLUMN; i < row.size(); i++) {
      String name = names.get(i).replace("Param: ", "");
      what.append(", ").append(row.get(i).equals("true") ? "" : "not ").append(name);
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
            allocated ? Goal.atMost(1) : Goal.atLeast(500_000)));
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    for (String cell : line.split(",", -1)) {
      cells.add(cell.replace("\"", ""));
    }
    return cells;
  }
}

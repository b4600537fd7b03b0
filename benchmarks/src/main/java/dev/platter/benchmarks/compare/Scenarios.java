package dev.platter.benchmarks.compare;

import dev.platter.benchmarks.compare.Comparison.Preparation;
import dev.platter.benchmarks.compare.Comparison.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is compared: one image each, and short commands. */
final class Scenarios {
  /** 16 383 clusters of 64 KiB: prime to the number of clusters, so that all are met. */
  static final String JUMP = "1073676288";

  /** The same within 8 GiB: 4 095 clusters. */
  private static final String SHORT_JUMP = "268369920";

  /** What rows of an image in random order begin with; a size follows. */
  static final String RANDOM_ORDER = "O_DIRECT, clusters random, ";

  private static final int SCATTERED_WRITES = 100_000;
  private static final int WRITES_IN_ORDER = 20_000;
  private static final List<Integer> DEPTHS = List.of(1, 32);
  private static final long PATTERN_BYTES = 512L << 20;
  private static final int PATTERNS = 16;

  private final Comparison comparison;
  private final Images images;

  Scenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
  }

  /** Runs some of the groups, in an order of its own. */
  void run(Set<String> groups) throws IOException, InterruptedException {
    if (groups.contains("start")) {
      start();
    }
    if (groups.contains("cache")) {
      cache();
    }
    if (groups.contains("depth")) {
      depth();
    }
    if (groups.contains("chain")) {
      new ChainScenarios(comparison, images).run();
    }
    if (groups.contains("allocate")) {
      allocate();
    }
    if (groups.contains("convert")) {
      new CopyScenarios(comparison, images).run();
    }
    if (groups.contains("device")) {
      new DeviceScenarios(comparison, images).run();
    }
  }

  private void cache() throws IOException, InterruptedException {
    Path inOrder = images.inOrder("in-order.qcow2", "20G");
    Path random = images.shuffled("random.qcow2", "20G");
    for (Path image : List.of(inOrder, random)) {
      String order = image.equals(random) ? "random" : "in order";
      String what = image.equals(random) ? RANDOM_ORDER : "O_DIRECT, clusters in order, ";
      for (String size : List.of("1M", "1.5M", "2M", "2.5M")) {
        comparison.bench(
            "cache",
            what + size,
            size.equals("1M") ? Goal.ratio(20) : Goal.NONE,
            comparison.best(cached(image, size)));
      }
      comparison.flat(
          "cache",
          "Platter's 1M by its 2.5M, " + order,
          0.9,
          cached(image, "1M"),
          cached(image, "2.5M"));
    }
    Files.delete(inOrder);
    Files.delete(random);
  }

  private static List<String> cached(Path image, String size) {
    return reads(1, JUMP, "none", withOptions(image, "l2-cache-size=" + size));
  }

  private void depth() throws IOException, InterruptedException {
    Path holes = images.inOrder("fits.qcow2", "20G");
    Path real = images.inOrder("real.qcow2", "8G");
    fill(real);
    List<String> all = withOptions(holes, "l2-cache-size=4M");
    List<String> stored = withOptions(real, "l2-cache-size=4M");
    for (int depth : DEPTHS) {
      for (String cache : List.of("none", "writeback")) {
        measure("all fits, reads, cache=" + cache, depth, 2, reads(depth, JUMP, cache, all));
      }
      measure("8 GiB of data, O_DIRECT", depth, 1, reads(depth, SHORT_JUMP, "none", stored));
      for (String cache : List.of("none", "writeback")) {
        List<String> options = new ArrayList<>(List.of("-w"));
        options.addAll(reads(depth, SHORT_JUMP, cache, stored));
        measure("writes in place, cache=" + cache, depth, 2, options);
      }
    }
    Files.delete(holes);
    Files.delete(real);
  }

  private void measure(String what, int depth, double ratio, List<String> options)
      throws IOException, InterruptedException {
    comparison.bench(
        "depth", what + ", depth " + depth, Goal.ratio(ratio), comparison.best(options));
  }

  private void allocate() throws IOException, InterruptedException {
    for (int depth : DEPTHS) {
      allocating(
          "4 KiB scattered, depth " + depth,
          SCATTERED_WRITES,
          List.of("-d", "" + depth, "-s", "4k", "-S", "1073807360"));
    }
    allocating("64 KiB in order, depth 1", WRITES_IN_ORDER, List.of("-d", "1", "-s", "64k"));
  }

  private void allocating(String what, int requests, List<String> how)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("-w", "-f", "qcow2"));
    options.addAll(how);
    options.add(images.path("fresh.qcow2").toString());
    Preparation image = () -> images.fresh("fresh.qcow2", "20G");
    Requests best = comparison.best(options, image);
    comparison.fresh("allocate", what, Goal.ratio(2), best, requests, image);
  }

  private void start() throws IOException, InterruptedException {
    String image = images.fresh("start.qcow2", "1G").toString();
    comparison.commands(
        "start", "img info", Goal.atMost(0.15), List.of("img", "info", image), QuietHost::await);
    comparison.commands(
        "start", "img check", Goal.NONE, List.of("img", "check", image), QuietHost::await);
  }

  private static List<String> reads(int depth, String step, String cache, List<String> image) {
    List<String> options = new ArrayList<>(List.of("-d", "" + depth, "-S", step, "-t", cache));
    options.addAll(image);
    return options;
  }

  private static List<String> withOptions(Path image, String options) {
    return List.of("--image-opts", "driver=qcow2,file.filename=" + image + "," + options);
  }

  private static void fill(Path image) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
    for (int i = 0; i < PATTERNS; i++) {
      command.addAll(
          List.of("-c", "write -P %d %d %d".formatted(i + 1, i * PATTERN_BYTES, PATTERN_BYTES)));
    }
    command.addAll(List.of("-c", "flush", image.toString()));
    Programs.run(command);
  }
}

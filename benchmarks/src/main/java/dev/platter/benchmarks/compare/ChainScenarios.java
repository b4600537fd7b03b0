package dev.platter.benchmarks.compare;

import dev.platter.benchmarks.compare.Comparison.Requests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Long chains: how fast they are read, how soon they are open, and what a layer costs. */
final class ChainScenarios {
  private static final List<Integer> LAYERS = List.of(1, 10, 50, 100, 200, 500, 1_000);
  private static final int SHARED_LAYERS = 100;
  private static final int CLUSTERS_PER_SHARE = 32;
  private static final int CLUSTER_KIBIBYTES = 64;
  private static final String SIZE = "8G";
  private static final String LARGE_SIZE = "1T";
  private static final int CLUSTERS = 131_072;

  private final Comparison comparison;
  private final Images images;

  ChainScenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
  }

  void run() throws IOException, InterruptedException {
    Path base = images.inOrder("base.qcow2", SIZE);
    empty(base);
    large();
    open(base);
    footprint(base);
    Path shared = images.chain(base, "share", SHARED_LAYERS, SIZE);
    share();
    comparison.bench(
        "chain",
        SHARED_LAYERS + " overlays, each with clusters of its own",
        Goal.NONE,
        requests("io_uring", shared));
  }

  private void empty(Path base) throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    String aio = comparison.bestAio(jumping(images.chain(base, "layer", 1, SIZE)));
    for (int layers : LAYERS) {
      Path top = images.chain(base, "layer", layers, SIZE);
      results.add(
          comparison.bench(
              "chain", "O_DIRECT, random, overlays: " + layers, Goal.NONE, requests(aio, top)));
    }
    comparison.flat(
        "chain",
        "Platter's 500 overlays by its 1",
        0.8,
        results.get(LAYERS.indexOf(500)),
        results.getFirst());
  }

  /** So large that not every cluster is read twice, and nothing in it: what is left is the way. */
  private void large() throws IOException, InterruptedException {
    Path base = images.fresh("large.qcow2", LARGE_SIZE);
    String aio = comparison.bestAio(jumping(images.chain(base, "large", 1, LARGE_SIZE)));
    List<Result> results = new ArrayList<>();
    for (int layers : List.of(1, 500)) {
      Path top = images.chain(base, "large", layers, LARGE_SIZE);
      String what = "1 TiB, empty, random, overlays: " + layers;
      results.add(comparison.bench("chain", what, Goal.NONE, requests(aio, top)));
    }
    comparison.flat(
        "chain",
        "Platter's 500 overlays of 1 TiB by its 1",
        0.8,
        results.getLast(),
        results.getFirst());
  }

  private void open(Path base) throws IOException, InterruptedException {
    String top = images.chain(base, "layer", LAYERS.getLast(), SIZE).toString();
    comparison.commands(
        "chain",
        "start, open %,d overlays, and read once".formatted(LAYERS.getLast()),
        Goal.atMost(1),
        List.of("io", "-r", "-f", "qcow2", "-c", "read 0 4k", top),
        () -> {});
  }

  /** What the heap holds of a short chain and of a long one, for each layer between them. */
  private void footprint(Path base) throws IOException, InterruptedException {
    List<Integer> layers = List.of(SHARED_LAYERS, LAYERS.getLast());
    List<Long> bytes = new ArrayList<>();
    for (int count : layers) {
      String top = images.chain(base, "layer", count, SIZE).toString();
      String output =
          comparison.programs().benchmark("dev.platter.benchmarks.ChainFootprint", List.of(top));
      bytes.add(Long.parseLong(output.strip()));
    }
    double each =
        (double) (bytes.getLast() - bytes.getFirst()) / (layers.getLast() - layers.getFirst());
    comparison.add(
        new Result(
            "chain",
            "bytes of heap for each further empty overlay",
            "B",
            each,
            Double.NaN,
            0,
            Goal.atMost(32_768)));
  }

  private void share() throws IOException, InterruptedException {
    Random random = new Random(SHARED_LAYERS);
    for (int layer = 1; layer <= SHARED_LAYERS; layer++) {
      List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
      for (int i = 0; i < CLUSTERS_PER_SHARE; i++) {
        int start = random.nextInt(CLUSTERS) * CLUSTER_KIBIBYTES;
        command.addAll(List.of("-c", "write %dk %dk".formatted(start, CLUSTER_KIBIBYTES)));
      }
      command.add(images.path("share" + layer + ".qcow2").toString());
      Programs.run(command);
    }
  }

  private static Requests requests(String aio, Path image) {
    List<String> options = jumping(image);
    return new Requests(options, Comparison.with(aio, options));
  }

  private static List<String> jumping(Path image) {
    List<String> options =
        new ArrayList<>(List.of("-d", "1", "-S", Scenarios.JUMP, "-t", "none", "-f", "qcow2"));
    options.add(image.toString());
    return options;
  }
}

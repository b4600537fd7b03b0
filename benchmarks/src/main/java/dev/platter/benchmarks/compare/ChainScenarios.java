package dev.platter.benchmarks.compare;

import dev.platter.benchmarks.compare.Comparison.Requests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Long chains: how fast they are read, how soon they are open, and what a layer costs. */
final class ChainScenarios {
  /** What rows of empty overlays begin with; their number follows. */
  static final String EMPTY_OVERLAYS = "O_DIRECT, random, overlays: ";

  private static final int MANY = 500;
  private static final List<Integer> LAYERS = List.of(1, 10, 50, 100, 200, MANY, 1_000);
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
        comparison.best(jumping(shared)));
  }

  private void empty(Path base) throws IOException, InterruptedException {
    Path single = images.chain(base, "layer", 1, SIZE);
    String aio = comparison.bestAio(jumping(single));
    for (int layers : LAYERS) {
      Path top = images.chain(base, "layer", layers, SIZE);
      comparison.bench("chain", EMPTY_OVERLAYS + layers, Goal.NONE, requests(aio, top));
    }
    Path many = images.chain(base, "layer", MANY, SIZE);
    comparison.flat(
        "chain", "Platter's 500 overlays by its 1", 0.8, jumping(many), jumping(single));
  }

  /** So large that not every cluster is read twice, and nothing in it: what is left is the way. */
  private void large() throws IOException, InterruptedException {
    Path base = images.fresh("large.qcow2", LARGE_SIZE);
    Path single = images.chain(base, "large", 1, LARGE_SIZE);
    Path many = images.chain(base, "large", MANY, LARGE_SIZE);
    String aio = comparison.bestAio(jumping(single));
    String what = "1 TiB, empty, random, overlays: ";
    comparison.bench("chain", what + 1, Goal.NONE, requests(aio, single));
    comparison.bench("chain", what + MANY, Goal.NONE, requests(aio, many));
    comparison.flat(
        "chain", "Platter's 500 overlays of 1 TiB by its 1", 0.8, jumping(many), jumping(single));
  }

  private void open(Path base) throws IOException, InterruptedException {
    String top = images.chain(base, "layer", LAYERS.getLast(), SIZE).toString();
    comparison.commands(
        "chain",
        String.format(Locale.ROOT, "start, open %,d overlays, and read once", LAYERS.getLast()),
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

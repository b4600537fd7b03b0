package dev.platter.benchmarks.compare;

import dev.platter.benchmarks.compare.Comparison.Requests;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** What is compared. */
final class Scenarios {
  /** 16 383 clusters of 64 KiB: prime to the number of clusters, so that all are met. */
  private static final String JUMP = "1073676288";

  private static final int ALLOCATING_REQUESTS = 20_000;
  private static final List<Integer> DEPTHS = List.of(1, 32);
  private static final List<Integer> CHAIN = List.of(1, 10, 50, 100, 200, 500);
  private static final int LONGEST_CHAIN = 1_000;
  private static final int SHARED_CHAIN = 100;
  private static final int CLUSTERS_PER_SHARE = 32;
  private static final long REAL_BYTES = 1L << 30;

  private final Comparison comparison;
  private final Images images;

  Scenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
  }

  void run(Set<String> groups) throws IOException, InterruptedException {
    if (groups.contains("cache")) {
      cache();
    }
    if (groups.contains("depth")) {
      depth();
    }
    if (groups.contains("chain")) {
      chain();
    }
    if (groups.contains("allocate")) {
      allocate();
    }
    if (groups.contains("convert")) {
      convert();
    }
    if (groups.contains("start")) {
      start();
    }
  }

  private void cache() throws IOException, InterruptedException {
    Path inOrder = images.inOrder("in-order.qcow2", "20G");
    Path random = images.shuffled("random.qcow2", "20G");
    for (Path image : List.of(inOrder, random)) {
      String order = image == random ? "random" : "in order";
      List<Result> results = new ArrayList<>();
      for (String size : List.of("1M", "1.5M", "2M", "2.5M")) {
        List<String> options = new ArrayList<>(List.of("-d", "1", "-S", JUMP, "-t", "none"));
        options.addAll(withOptions(image, "l2-cache-size=" + size));
        double goal = size.equals("1M") ? 20 : 0;
        results.add(
            comparison.bench(
                "cache", "O_DIRECT, clusters %s, %s".formatted(order, size), goal, best(options)));
      }
      flat(
          "cache",
          "Platter's 1M by its 2.5M, " + order,
          0.9,
          results.getFirst(),
          results.getLast());
    }
    Files.delete(inOrder);
    Files.delete(random);
  }

  private void depth() throws IOException, InterruptedException {
    Path holes = images.inOrder("fits.qcow2", "20G");
    Path real = images.inOrder("real.qcow2", "8G");
    fill(real, REAL_BYTES * 8);
    for (int depth : DEPTHS) {
      for (String cache : List.of("none", "writeback")) {
        List<String> options = List.of("-d", "" + depth, "-S", JUMP, "-t", cache);
        List<String> all = new ArrayList<>(options);
        all.addAll(withOptions(holes, "l2-cache-size=4M"));
        comparison.bench(
            "depth", "all fits, reads, cache=%s, depth %d".formatted(cache, depth), 2, best(all));
      }
      for (String cache : List.of("none", "writeback")) {
        List<String> options = List.of("-w", "-d", "" + depth, "-S", "268369920", "-t", cache);
        List<String> all = new ArrayList<>(options);
        all.addAll(withOptions(real, "l2-cache-size=4M"));
        comparison.bench(
            "depth", "writes in place, cache=%s, depth %d".formatted(cache, depth), 2, best(all));
      }
      List<String> options = new ArrayList<>(List.of("-d", "" + depth, "-S", "268369920"));
      options.addAll(List.of("-t", "none"));
      options.addAll(withOptions(real, "l2-cache-size=4M"));
      comparison.bench("depth", "8 GiB of data, O_DIRECT, depth " + depth, 1, best(options));
    }
    Files.delete(holes);
    Files.delete(real);
  }

  private void chain() throws IOException, InterruptedException {
    Path base = images.inOrder("base.qcow2", "8G");
    List<Result> results = new ArrayList<>();
    for (int layers : CHAIN) {
      Path top = images.chain(base, "layer", layers, "8G");
      results.add(
          comparison.bench(
              "chain", "O_DIRECT, random, overlays: " + layers, 0, best(jumping(top))));
    }
    flat("chain", "Platter's 500 overlays by its 1", 0.8, results.getLast(), results.getFirst());
    Path top = images.chain(base, "layer", LONGEST_CHAIN, "8G");
    comparison.commands(
        "chain",
        "open %,d overlays and read once".formatted(LONGEST_CHAIN),
        0,
        List.of("bench", "-c", "1", "-d", "1", "-f", "qcow2", top.toString()),
        () -> {});
    Path shared = images.chain(base, "share", SHARED_CHAIN, "8G");
    share("share");
    comparison.bench(
        "chain",
        SHARED_CHAIN + " overlays, each with clusters of its own",
        0,
        best(jumping(shared)));
  }

  private void share(String prefix) throws IOException, InterruptedException {
    Random random = new Random(SHARED_CHAIN);
    for (int layer = 1; layer <= SHARED_CHAIN; layer++) {
      List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
      for (int i = 0; i < CLUSTERS_PER_SHARE; i++) {
        command.addAll(List.of("-c", "write %dk 64k".formatted(random.nextInt(131_072) * 64L)));
      }
      command.add(images.path(prefix + layer + ".qcow2").toString());
      Programs.run(command);
    }
  }

  private void allocate() throws IOException, InterruptedException {
    for (int depth : DEPTHS) {
      allocating("4 KiB scattered, depth " + depth, depth, "-s", "4k", "-S", "1073807360");
    }
    allocating("64 KiB in order, depth 1", 1, "-s", "64k");
  }

  private void allocating(String what, int depth, String... more)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("-w", "-d", "" + depth, "-f", "qcow2"));
    options.addAll(List.of(more));
    options.add(images.path("fresh.qcow2").toString());
    comparison.fresh(
        "allocate",
        what,
        2,
        Requests.same(options),
        ALLOCATING_REQUESTS,
        () -> images.fresh("fresh.qcow2", "20G"));
  }

  private void convert() throws IOException, InterruptedException {
    Path raw = images.path("real.raw");
    collect(raw);
    String image = images.path("real.qcow2").toString();
    String target = images.path("target").toString();
    Programs.run(List.of("qemu-img", "convert", "-O", "qcow2", raw.toString(), image));
    converting("raw to qcow2", "-f", "raw", "-O", "qcow2", raw.toString(), target);
    converting("qcow2 to raw", "-f", "qcow2", "-O", "raw", image, target);
    converting("raw to qcow2, zlib", "-c", "-f", "raw", "-O", "qcow2", raw.toString(), target);
    converting(
        "raw to qcow2, zstd",
        "-c",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "-o",
        "compression_type=zstd",
        raw.toString(),
        target);
  }

  private void converting(String what, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("convert"));
    command.addAll(List.of(options));
    comparison.commands(
        "convert", what, 1, command, () -> Files.deleteIfExists(images.path("target")));
  }

  private void start() throws IOException, InterruptedException {
    String image = images.fresh("start.qcow2", "1G").toString();
    comparison.commands("start", "img info (goal: 0.150 s)", 0, List.of("info", image), () -> {});
    comparison.commands("start", "img check", 0, List.of("check", image), () -> {});
  }

  private void flat(String group, String what, double goal, Result result, Result against) {
    Result flat =
        new Result(
            group,
            what,
            "IOPS",
            result.platter(),
            against.platter(),
            Math.max(result.spread(), against.spread()),
            goal);
    comparison.results().add(flat);
    System.out.println(flat.text());
  }

  private static List<String> jumping(Path image) {
    List<String> options = new ArrayList<>(List.of("-d", "1", "-S", JUMP, "-t", "none"));
    options.addAll(List.of("-f", "qcow2", image.toString()));
    return options;
  }

  /** The requests, by QEMU in the way that is fastest for it. */
  private Requests best(List<String> options) throws IOException, InterruptedException {
    List<String> qemu = new ArrayList<>();
    if (!options.contains("writeback")) {
      qemu.addAll(List.of("-i", comparison.bestAio(options)));
    }
    qemu.addAll(options);
    return new Requests(options, qemu);
  }

  private static List<String> withOptions(Path image, String options) {
    return List.of("--image-opts", "driver=qcow2,file.filename=" + image + "," + options);
  }

  private static void fill(Path image, long bytes) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2"));
    for (long at = 0; at < bytes; at += REAL_BYTES / 2) {
      command.addAll(List.of("-c", "write -P %d %d 512M".formatted(at >> 29 & 0x7f | 1, at)));
    }
    command.addAll(List.of("-c", "flush", image.toString()));
    Programs.run(command);
  }

  /** Real data: the host's own programs and libraries, one after the other. */
  private static void collect(Path raw) throws IOException {
    try (OutputStream out = Files.newOutputStream(raw);
        Stream<Path> files = Files.walk(Path.of("/usr/lib"))) {
      long left = REAL_BYTES;
      for (Path file : (Iterable<Path>) files.filter(Scenarios::plain)::iterator) {
        long size = Files.size(file);
        if (size <= left) {
          Files.copy(file, out);
          left -= size;
        }
      }
    }
  }

  private static boolean plain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(file);
  }
}

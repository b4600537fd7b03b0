package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashScenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code qemu-img} as the second oracle of crash states: of a seeded sample, since each takes some
 * processes. Looks at none where it is not installed. Threads: any number.
 */
final class QemuOracle {
  private static final int LEAKS = 3;
  private static final String SECRET = "secret,id=secret,data=passphrase";

  private final Path folder;
  private final int interval;
  private final long seed;
  private final boolean installed = Qemu.installed();
  private final AtomicLong shownCount = new AtomicLong();
  private final AtomicLong lookedCount = new AtomicLong();

  /**
   * @param folder for copies of the images
   * @param interval one in so many states is looked at
   */
  QemuOracle(Path folder, int interval, long seed) {
    this.folder = folder;
    this.interval = interval;
    this.seed = seed;
  }

  boolean installed() {
    return installed;
  }

  /** How many states were looked at. */
  long lookedCount() {
    return lookedCount.get();
  }

  /** For images of one kind. */
  CrashScenario.SecondOracle of(CrashVariant variant) {
    return (base, images) -> read(variant, base, images);
  }

  private Optional<byte[]> read(
      CrashVariant variant, Optional<MemoryNode> base, List<MemoryNode> files) throws IOException {
    long number = shownCount.getAndIncrement();
    if (!installed || new SplittableRandom(seed + number).nextInt(interval) != 0) {
      return Optional.empty();
    }
    Path copies = Files.createDirectory(folder.resolve("state" + number));
    boolean external = variant.dataFileRole().isPresent();
    String extra = variant.encrypted() ? ",%sencrypt.key-secret=secret" : "";
    if (external) {
      Path data = Qemu.save(files.get(1), copies.resolve("data"));
      extra += ",%1$sdata-file.driver=file,%1$sdata-file.filename=" + data;
    }
    StringBuilder chain = new StringBuilder();
    String prefix = "";
    List<MemoryNode> images = external ? files.subList(0, 1) : files;
    for (int i = images.size() - 1; i >= 0; i--) {
      Path image = Qemu.save(images.get(i), copies.resolve("image" + i));
      String options = "driver=qcow2,%1$sfile.filename=" + image + extra;
      check(options.formatted(""));
      chain.append(prefix).append(options.formatted(prefix)).append(',');
      prefix += "backing.";
    }
    if (base.isPresent()) {
      Path bytes = Qemu.save(base.get(), copies.resolve("base"));
      chain.append("%1$sdriver=raw,%1$sfile.filename=%2$s,".formatted(prefix, bytes));
    }
    chain.setLength(chain.length() - 1);
    Path disk = copies.resolve("disk");
    qemuImg("convert", "-O", "raw", "--image-opts", chain.toString(), disk.toString());
    byte[] found = Files.readAllBytes(disk);
    delete(copies);
    lookedCount.incrementAndGet();
    return Optional.of(found);
  }

  /** Leaks at worst; an image that is marked dirty is mended first, as opening it would do. */
  private static void check(String image) {
    Qemu.Result result = attempt("check", "--image-opts", image);
    if (result.exitCode() == 0 || result.exitCode() == LEAKS) {
      return;
    }
    if (!qemuImg("info", "--image-opts", image).contains("cleanly shut down: no")) {
      throw new AssertionError("qemu-img check: " + result.output());
    }
    qemuImg("check", "-r", "all", "--image-opts", image);
    qemuImg("check", "--image-opts", image);
  }

  private static Qemu.Result attempt(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of(command, "--object", SECRET));
    line.addAll(List.of(arguments));
    return Qemu.attempt("qemu-img", line.toArray(String[]::new));
  }

  private static String qemuImg(String command, String... arguments) {
    Qemu.Result result = attempt(command, arguments);
    if (result.exitCode() != 0) {
      throw new AssertionError("qemu-img %s: %s".formatted(command, result.output()));
    }
    return result.output();
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (var all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}

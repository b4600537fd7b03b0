package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashScenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code qemu-img} as the second oracle of crash states: of a seeded sample, since each takes some
 * processes. Looks at none where it is not installed. Threads: any number.
 */
final class QemuOracle implements CrashScenario.SecondOracle {
  private static final int LEAKS = 3;

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

  @Override
  public Optional<byte[]> read(Optional<MemoryNode> base, List<MemoryNode> images)
      throws IOException {
    long number = shownCount.getAndIncrement();
    if (!installed || new SplittableRandom(seed + number).nextInt(interval) != 0) {
      return Optional.empty();
    }
    Path copies = Files.createDirectory(folder.resolve("state" + number));
    StringBuilder chain = new StringBuilder();
    String prefix = "";
    for (int i = images.size() - 1; i >= 0; i--) {
      Path image = Qemu.save(images.get(i), copies.resolve("image" + i));
      check(image);
      chain.append("%1$sdriver=qcow2,%1$sfile.filename=%2$s,".formatted(prefix, image));
      prefix += "backing.";
    }
    if (base.isPresent()) {
      Path bytes = Qemu.save(base.get(), copies.resolve("base"));
      chain.append("%1$sdriver=raw,%1$sfile.filename=%2$s,".formatted(prefix, bytes));
    }
    chain.setLength(chain.length() - 1);
    Path disk = copies.resolve("disk");
    Qemu.img("convert", "--image-opts", "-O", "raw", chain.toString(), disk.toString());
    byte[] found = Files.readAllBytes(disk);
    delete(copies);
    lookedCount.incrementAndGet();
    return Optional.of(found);
  }

  /** Leaks at worst; an image that is marked dirty is mended first, as opening it would do. */
  private static void check(Path image) {
    Qemu.Result result = Qemu.attempt("qemu-img", "check", "-f", "qcow2", image.toString());
    if (result.exitCode() == 0 || result.exitCode() == LEAKS) {
      return;
    }
    if (!Qemu.img("info", "-f", "qcow2", image.toString()).contains("cleanly shut down: no")) {
      throw new AssertionError("qemu-img check: " + result.output());
    }
    Qemu.img("check", "-r", "all", "-f", "qcow2", image.toString());
    Qemu.check(image);
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

package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Conversions of the host's own programs and libraries, in a file that is half holes. Before each
 * run the disk is at rest, and the target is there from the run before: its memory is free when it
 * is cut, and need not be had from the machine's host.
 */
final class CopyScenarios {
  private static final long GIBIBYTE = 1L << 30;

  /**
   * The larger one stays below what makes Linux write back, and hold writers, of 24 GB of memory.
   */
  private static final List<Long> PLAIN_BYTES = List.of(GIBIBYTE, 2 * GIBIBYTE);

  private static final long COMPRESSED_BYTES = GIBIBYTE / 2;
  private static final int RUN_BYTES = 32 << 20;

  private final Comparison comparison;
  private final Images images;
  private final Path raw;
  private final Path target;

  CopyScenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
    this.raw = images.path("data.raw");
    this.target = images.path("target");
  }

  void run() throws IOException, InterruptedException {
    for (long bytes : PLAIN_BYTES) {
      collect(bytes);
      String image = images.path("data.qcow2").toString();
      Programs.run(List.of("qemu-img", "convert", "-O", "qcow2", raw.toString(), image));
      converting("raw to qcow2", bytes, "-f", "raw", "-O", "qcow2", raw.toString());
      converting("qcow2 to raw", bytes, "-f", "qcow2", "-O", "raw", image);
      Files.delete(Path.of(image));
    }
    collect(COMPRESSED_BYTES);
    for (String type : List.of("zlib", "zstd")) {
      List<String> options = new ArrayList<>(List.of("-c", "-f", "raw", "-O", "qcow2"));
      options.addAll(List.of("-o", "compression_type=" + type, raw.toString()));
      String what = "raw to qcow2, " + type;
      converting(what, COMPRESSED_BYTES, options.toArray(String[]::new));
    }
    Files.delete(raw);
  }

  private void converting(String what, long bytes, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("img", "convert"));
    command.addAll(List.of(options));
    command.add(target.toString());
    List<String> first = new ArrayList<>(command);
    first.subList(0, 2).clear();
    first.addAll(0, List.of("qemu-img", "convert"));
    Programs.run(first);
    comparison.commands(
        "convert",
        "%s GiB, %s".formatted(gibibytes(bytes), what),
        Goal.ratio(1),
        command,
        QuietHost::await);
    Files.deleteIfExists(target);
  }

  private static String gibibytes(long bytes) {
    return bytes < GIBIBYTE ? "0.5" : Long.toString(bytes / GIBIBYTE);
  }

  /** Runs of data, with holes as long between them. */
  private void collect(long dataBytes) throws IOException {
    Files.deleteIfExists(raw);
    try (FileChannel out = new RandomAccessFile(raw.toFile(), "rw").getChannel();
        Stream<Path> walk = Files.walk(Path.of("/usr"))) {
      Iterator<Path> files = walk.filter(CopyScenarios::plain).iterator();
      ByteBuffer run = ByteBuffer.allocateDirect(RUN_BYTES);
      byte[] rest = new byte[0];
      for (long at = 0; at < 2 * dataBytes && files.hasNext(); at += 2L * RUN_BYTES) {
        run.clear();
        while (run.hasRemaining() && (rest.length > 0 || files.hasNext())) {
          byte[] bytes = rest.length > 0 ? rest : read(files.next());
          int taken = Math.min(bytes.length, run.remaining());
          run.put(bytes, 0, taken);
          rest = Arrays.copyOfRange(bytes, taken, bytes.length);
        }
        run.flip();
        while (run.hasRemaining()) {
          out.write(run, at + run.position());
        }
      }
      out.write(ByteBuffer.allocate(1), 2 * dataBytes - 1);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(RUN_BYTES);
    }
  }

  private static boolean plain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(file);
  }
}

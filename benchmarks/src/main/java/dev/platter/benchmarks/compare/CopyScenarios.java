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

/** Conversions of 1 GiB of the host's own programs and libraries, in a file of 2 GiB. */
final class CopyScenarios {
  private static final long DATA_BYTES = 1L << 30;
  private static final int RUN_BYTES = 32 << 20;

  private final Comparison comparison;
  private final Images images;

  CopyScenarios(Comparison comparison, Images images) {
    this.comparison = comparison;
    this.images = images;
  }

  void run() throws IOException, InterruptedException {
    Path raw = images.path("data.raw");
    collect(raw);
    String image = images.path("data.qcow2").toString();
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
    List<String> command = new ArrayList<>(List.of("img", "convert"));
    command.addAll(List.of(options));
    Path target = images.path("target");
    comparison.commands(
        "convert", what, Goal.ratio(1), command, () -> Files.deleteIfExists(target));
    Files.deleteIfExists(target);
  }

  /** Runs of data, with holes as long between them. */
  private static void collect(Path raw) throws IOException {
    try (FileChannel out = new RandomAccessFile(raw.toFile(), "rw").getChannel();
        Stream<Path> walk = Files.walk(Path.of("/usr/lib"))) {
      Iterator<Path> files = walk.filter(CopyScenarios::plain).iterator();
      ByteBuffer run = ByteBuffer.allocateDirect(RUN_BYTES);
      byte[] rest = new byte[0];
      for (long at = 0; at < 2 * DATA_BYTES && files.hasNext(); at += 2L * RUN_BYTES) {
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
      out.write(ByteBuffer.allocate(1), 2 * DATA_BYTES - 1);
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

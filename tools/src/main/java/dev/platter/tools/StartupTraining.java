package dev.platter.tools;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the commands that scripts call most, once each, and a benchmark, so that a JVM that watches
 * ({@code -XX:AOTCacheOutput}) can keep what they load, and what is worth compiling, and later ones
 * start from it. The launcher does that when it has built the tool.
 */
final class StartupTraining {
  /** So many that what a write calls is seen to be worth compiling. */
  private static final String WRITES = "16000";

  private StartupTraining() {}

  /**
   * Exits with the status of the first command that failed, or with 0.
   *
   * @param args one argument: an empty folder, in which images are made and left
   */
  public static void main(String[] args) throws IOException, ClassNotFoundException {
    Path folder = Path.of(args[0]);
    String base = folder.resolve("base.qcow2").toString();
    String overlay = folder.resolve("overlay.qcow2").toString();
    String small = folder.resolve("small.qcow2").toString();
    String many = folder.resolve("many.qcow2").toString();
    String raw = folder.resolve("raw.img").toString();
    List<List<String>> commands =
        List.of(
            List.of("img", "create", "-f", "qcow2", base, "1M"),
            List.of("img", "create", "-f", "qcow2", "-b", base, "-F", "qcow2", overlay),
            List.of("io", "-c", "write -P 1 0 64k", "-c", "read -v 0 512", base),
            List.of("io", "-f", "qcow2", "-c", "aio_write 0 512", "-c", "aio_flush", overlay),
            List.of("img", "info", "--backing-chain", overlay),
            List.of("img", "info", "--output=json", overlay),
            List.of("img", "info", "--image-opts", "driver=qcow2,file.filename=" + base),
            List.of("img", "map", overlay),
            List.of("img", "map", "--output=json", overlay),
            List.of("img", "check", overlay),
            List.of("img", "measure", "-O", "qcow2", overlay),
            List.of("img", "convert", "-O", "raw", overlay, raw),
            List.of("img", "convert", "-c", "-O", "qcow2", overlay, small),
            List.of("img", "convert", "-O", "raw", small, raw),
            List.of("img", "compare", "-f", "raw", "-F", "qcow2", raw, overlay),
            List.of("img", "resize", "-f", "raw", raw, "2M"),
            List.of("img", "create", "-f", "qcow2", "-o", "cluster_size=4k", many, "64M"),
            benchmark("-w", "-c", WRITES, "-t", "unsafe", many),
            benchmark("-c", WRITES, many));
    Class.forName("dev.platter.tools.Main");
    Terminal.ofProcess().flush();
    for (List<String> command : commands) {
      int status = Platter.run(command, unseen());
      if (status != 0 || GivenArguments.refusal(command).isPresent()) {
        System.exit(Math.max(status, 1));
      }
    }
    System.exit(0); // as the tools end: the JDK looks for a logger then
  }

  /** Requests for a sector each, in a cluster of its own. */
  private static List<String> benchmark(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("img", "bench", "-f", "qcow2", "-d", "1", "-s", "512", "-S", "1028k"));
    command.addAll(List.of(more));
    return command;
  }

  private static Terminal unseen() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Terminal(new ByteArrayInputStream(new byte[0]), nowhere, nowhere, () -> false);
  }
}

package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code qemu-img} of this host, if it has one. */
public final class QemuImg {
  private QemuImg() {}

  /** Whether there is one. */
  public static boolean installed() {
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, "qemu-img"))) {
        return true;
      }
    }
    return false;
  }

  /** Requires that an image is clean, if there is a {@code qemu-img}. */
  public static void check(Path image) throws IOException, InterruptedException {
    if (installed()) {
      run("check", image.toString());
    }
  }

  /** Runs it, and requires that it succeeds; returns what it wrote. */
  public static String run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }
}

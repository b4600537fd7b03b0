package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands in processes of their own, which are told to stop while they work. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OrderlyStopTest {
  private static final int STOPPED_BY_TERM = 128 + 15;

  @TempDir private Path folder;

  @Test
  void aGuestThatIsToldToStopClosesItsImageAndSaysWhatItDid() throws Exception {
    String image = folder.resolve("a.qcow2").toString();
    Run.of("img", "create", "-q", "-f", "qcow2", "-o", "lazy_refcounts=on", image, "64M");
    long emptyBytes = Files.size(Path.of(image));

    Process guest =
        start(
            "guest",
            "--drive",
            "file=" + image,
            "--rw",
            "randwrite",
            "--time_based",
            "--runtime=1h");
    while (guest.isAlive() && Files.size(Path.of(image)) == emptyBytes) {
      Thread.sleep(20);
    }
    int status = stop(guest);

    assertThat(Files.readString(folder.resolve("out"))).contains("write: IOPS=");
    assertThat(Files.readString(folder.resolve("err"))).isEmpty();
    assertThat(status).isEqualTo(STOPPED_BY_TERM);
    assertThat(Run.of("img", "info", image).out()).doesNotContain("dirty");
    assertThat(Run.of("img", "check", "-q", image).status()).isZero();
  }

  @Test
  void aDemoThatIsToldToStopRemovesItsImages() throws Exception {
    Process demo = start("demo", "--report", folder.resolve("r.html").toString());
    while (demo.isAlive() && !Files.readString(folder.resolve("err")).contains("warming up")) {
      Thread.sleep(20);
    }
    assertThat(temporaryFolders()).isNotEmpty();
    int status = stop(demo);

    assertThat(temporaryFolders()).isEmpty();
    assertThat(status).isEqualTo(STOPPED_BY_TERM);
    assertThat(folder.resolve("r.html")).doesNotExist();
  }

  private Process start(String... words) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    line.addAll(List.of(words));
    return new ProcessBuilder(line)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private static int stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return process.waitFor();
  }

  private List<Path> temporaryFolders() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("platter-demo"))
          .toList();
    }
  }
}

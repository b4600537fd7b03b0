package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A check of a disk of one TiB, all of it mapped, in a process with 256 MiB of heap. {@code
 * -Dplatter.check.cluster=64k} does it with the usual clusters, which takes a minute.
 */
class CheckMemoryTest {
  private static final String CLUSTER = System.getProperty("platter.check.cluster", "512k");
  private static final int TIMEOUT_SECONDS = 300;

  @TempDir Path folder;

  @Test
  void oneTebibyteIsCheckedInABoundedHeap() throws Exception {
    Qemu.assumeInstalled();
    Path image = folder.resolve("image.qcow2");
    String options = "preallocation=metadata,cluster_size=" + CLUSTER;
    Qemu.img("create", "-q", "-f", "qcow2", "-o", options, image.toString(), "1T");

    assertThat(check(image)).contains("clean=true").contains("bytes=" + (1L << 40));
  }

  private static String check(Path image) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    classPath,
                    CheckOneImage.class.getName(),
                    image.toString()))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("the check ends").isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}

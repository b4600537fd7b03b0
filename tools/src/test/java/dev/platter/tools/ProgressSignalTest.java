package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command that is asked by a signal how far it is. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProgressSignalTest {
  @TempDir private Path folder;

  @Test
  void aCopyThatIsAskedSaysHowFarItIsAndGoesOn() throws Exception {
    Path image = folder.resolve("a.raw");
    Files.write(image, new byte[16 << 20]);
    Path err = folder.resolve("err");
    Process copy = startSlowCopy(image, err);
    try {
      while (copy.isAlive() && Files.size(err) == 0) {
        new ProcessBuilder("kill", "-USR1", String.valueOf(copy.pid())).start().waitFor();
        Thread.sleep(50);
      }

      assertThat(copy.isAlive()).isTrue();
      assertThat(Files.readString(err)).matches("( {4}\\([0-9.]+/100%\\)\\n)+");
      assertThat(folder.resolve("out")).isEmptyFile();
    } finally {
      copy.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }
  }

  /** Starts it as the launcher does: the signal is ignored until somebody listens. */
  private Process startSlowCopy(Path image, Path err) throws Exception {
    return new ProcessBuilder(
            "sh",
            "-c",
            "trap '' USR1; exec \"$@\"",
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "img",
            "convert",
            "-f",
            "raw",
            "-S",
            "0",
            "-r",
            "1M",
            image.toString(),
            folder.resolve("b.raw").toString())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(err.toFile())
        .start();
  }
}

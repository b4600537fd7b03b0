package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that denies native access gets along without it. */
class NativeAccessTest {
  @TempDir Path folder;

  @Test
  @Timeout(60)
  void filesAreReachedByChannelsWhereNativeAccessIsDenied() throws Exception {
    Path path = folder.resolve("disk");
    Process denied =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                InDeniedJvm.class.getName(),
                path.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(denied.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(denied.waitFor()).as(output).isZero();
    assertThat(Files.readAllBytes(path)).containsExactly(0, 7);
  }

  /** What the other JVM runs. */
  static final class InDeniedJvm {
    private InDeniedJvm() {}

    public static void main(String[] args) throws Exception {
      Path path = Path.of(args[0]);
      FileNodes.create(path, 2, "");
      assertThatThrownBy(() -> FileNodes.open(path, "native=on"))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("--enable-native-access");
      try (BlockNode node = FileNodes.open(path, "read-only=off")) {
        node.write(1, new byte[] {7});
        node.flush();
      }
    }
  }
}

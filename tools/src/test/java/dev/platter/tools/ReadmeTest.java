package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path EXAMPLE =
      Path.of("src/test/java/dev/platter/tools/EmbeddingExample.java");

  @TempDir private Path folder;

  @Test
  void theExampleDoesWhatItSays() throws IOException {
    String base = folder.resolve("hd0.qcow2").toString();
    String overlay = folder.resolve("hd1,new.qcow2").toString();

    byte[] sector = EmbeddingExample.firstSector(base, overlay);

    assertThat(sector[0]).isEqualTo((byte) 0xEB);
    assertThat(Run.of("img", "check", "-q", overlay).status()).isZero();
  }

  @Test
  void theReadmeShowsTheExampleThatIsCompiled() throws IOException {
    String source = Files.readString(EXAMPLE);
    String begin = "  // README begins\n";
    String example =
        source
            .substring(source.indexOf(begin) + begin.length(), source.indexOf("  // README ends"))
            .stripTrailing()
            .stripIndent();

    assertThat(Files.readString(ROOT.resolve("README.md"))).contains(example);
  }

  @Test
  void everyCommandThatTheReadmeNamesExists() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    for (String tool : new String[] {"img", "io", "guest", "cache", "conf", "demo"}) {
      assertThat(readme).contains("platter " + tool);
      assertThat(Run.of(tool, "--help").status()).as(tool).isZero();
    }
  }
}

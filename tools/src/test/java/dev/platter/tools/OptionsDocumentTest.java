package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.conf.OptionsDocument;
import dev.platter.graph.DriverRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/options.md} to the declarations; the tools see all drivers. */
class OptionsDocumentTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("basedir", "."), "..", "docs", "options.md").normalize();

  @Test
  void documentSaysWhatDriversDeclare() throws Exception {
    String written = OptionsDocument.write(DriverRegistry.discover());
    if (Boolean.getBoolean("platter.regenerate")) {
      Files.createDirectories(DOCUMENT.getParent());
      Files.writeString(DOCUMENT, written);
    }
    assertThat(DOCUMENT)
        .as("run this test with -Dplatter.regenerate=true to write docs/options.md again")
        .hasContent(written);
  }
}

package dev.platter.tools.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);

  @Test
  void smallStepsAreLeftOutBetweenTheEnds() {
    Progress progress = new Progress(stream, true, 2);
    progress.at(0);
    progress.advance(1.5);
    progress.advance(1.5);
    progress.at(100);
    progress.end();
    assertThat(out).hasToString("    (0.00/100%)\r    (3.00/100%)\r    (100.00/100%)\r\n");
  }

  @Test
  void nothingIsShownUnlessAskedFor() {
    Progress progress = new Progress(stream, false, 1);
    progress.at(0);
    progress.at(100);
    progress.end();
    assertThat(out).hasToString("");
  }
}

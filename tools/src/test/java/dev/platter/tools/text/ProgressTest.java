package dev.platter.tools.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Terminal terminal =
      new Terminal(
          InputStream.nullInputStream(),
          new PrintStream(out, true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          () -> false);

  @Test
  void smallStepsAreLeftOutBetweenTheEnds() {
    Progress progress = new Progress(terminal, true, 2);
    progress.at(0);
    progress.advance(1.5);
    progress.advance(1.5);
    progress.at(100);
    progress.end();
    assertThat(out).hasToString("    (0.00/100%)\r    (3.00/100%)\r    (100.00/100%)\r\n");
  }

  @Test
  void nothingIsShownUnlessAskedFor() {
    Progress progress = new Progress(terminal, false, 1);
    progress.at(0);
    progress.at(100);
    progress.end();
    assertThat(out).hasToString("");
  }

  @Test
  void whoAsksBySignalIsToldOnceAtTheNextStep() {
    ProgressSignal signal = new ProgressSignal();
    Progress progress = new Progress(terminal, false, 2, signal);
    progress.at(0);
    signal.ask();
    progress.at(1.5);
    progress.at(29);
    progress.at(50);
    progress.end();
    assertThat(out).hasToString("");
    assertThat(err).hasToString("    (29.00/100%)\n");
  }
}

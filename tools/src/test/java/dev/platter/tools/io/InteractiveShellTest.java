package dev.platter.tools.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.UserObjects;
import dev.platter.tools.site.SiteRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody types at a terminal that is simulated: each line of keys when the prompt is shown. */
class InteractiveShellTest {
  private static final String UP = "\033[A";
  private static final String UP_AS_TOLD = "\033OA";
  private static final String CTRL_C = "\003";
  private static final String CTRL_D = "\004";

  @TempDir private Path folder;
  private String image;

  /** What became of a dialogue. */
  private record Dialogue(
      String screen, String out, String err, boolean interrupted, boolean failed) {}

  /** The far end of a terminal: types the next keys whenever it is prompted. */
  private static final class Typist extends OutputStream {
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final Deque<String> keys;
    private LineDisciplineTerminal terminal;
    private int prompts;

    Typist(String... keys) {
      this.keys = new ArrayDeque<>(List.of(keys));
    }

    @Override
    public void write(int value) {
      screen.write(value);
    }

    @Override
    public void flush() throws IOException {
      int shown = screen().split(IoShell.PROMPT.strip(), -1).length - 1;
      if (shown > prompts && !keys.isEmpty()) {
        prompts = shown;
        terminal.processInputBytes(keys.pop().getBytes(StandardCharsets.UTF_8));
      }
    }

    String screen() {
      return screen.toString(StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void createImage() {
    image = folder.resolve("a.qcow2").toString();
    assertThat(Run.of("img", "create", "-q", "-f", "qcow2", image, "8M").status()).isZero();
  }

  private Dialogue type(String... keys) throws Exception {
    return type("xterm", new Size(80, 24), keys);
  }

  private Dialogue type(String terminalType, Size size, String... keys) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal streams =
        new Terminal(
            InputStream.nullInputStream(), new PrintStream(out), new PrintStream(err), () -> true);
    Typist typist = new Typist(keys);
    try (LineDisciplineTerminal terminal =
            new LineDisciplineTerminal("test", terminalType, typist, StandardCharsets.UTF_8);
        UserObjects objects = UserObjects.parse(List.of());
        IoSession session =
            new IoSession(streams, new SiteRules().images(Optional.empty()), objects, false)) {
      terminal.setSize(size);
      typist.terminal = terminal;
      IoShell shell = new IoShell(session);
      shell.run("open " + image);
      boolean interrupted = new InteractiveShell(session, shell).run(terminal);
      assertThat(session.ended()).isTrue();
      streams.flush();
      return new Dialogue(
          typist.screen(),
          out.toString(StandardCharsets.UTF_8),
          err.toString(StandardCharsets.UTF_8),
          interrupted,
          session.failed());
    }
  }

  @Test
  void commandsRunUntilQuit() throws Exception {
    Dialogue dialogue = type("length\r", "read -P 0 0 512\r", "quit\r", "length\r");

    assertThat(dialogue.screen()).contains("qemu-io> ", "length", "quit");
    assertThat(dialogue.out()).startsWith("8 MiB\nread 512/512 bytes at offset 0\n");
    assertThat(dialogue.out()).containsOnlyOnce("8 MiB");
    assertThat(dialogue.failed()).isFalse();
    assertThat(dialogue.interrupted()).isFalse();
  }

  @Test
  void aFailedCommandIsToldOfAndTheNextOneRuns() throws Exception {
    Dialogue dialogue = type("bogus\r", "!!\r", "length\r", "q\r");

    assertThat(dialogue.err()).isEqualTo("command \"bogus\" not found\ncommand \"!!\" not found\n");
    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
    assertThat(dialogue.failed()).isTrue();
  }

  @Test
  void theEndOfTheInputEndsIt() throws Exception {
    Dialogue dialogue = type("length\r", CTRL_D, "length\r");

    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
    assertThat(dialogue.interrupted()).isFalse();
  }

  @Test
  void controlCEndsItAndRunsNoHalfALine() throws Exception {
    Dialogue dialogue = type("length\r", "length" + CTRL_C, "length\r");

    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
    assertThat(dialogue.interrupted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {UP, UP_AS_TOLD})
  void anEarlierCommandComesBack(String up) throws Exception {
    Dialogue dialogue = type("length\r", "\r", up + "\r", "quit\r");

    assertThat(dialogue.err()).isEmpty();
    assertThat(dialogue.out()).isEqualTo("8 MiB\n8 MiB\n");
  }

  @Test
  void namesOfCommandsAreCompleted() throws Exception {
    Dialogue dialogue = type("le\t\r", "help sig\t\r", "qui\t\r");

    assertThat(dialogue.err()).isEmpty();
    assertThat(dialogue.out()).startsWith("8 MiB\nsigraise signal -- raises a signal\n");
  }

  @Test
  void namesOfFilesAreCompletedWhereOneIsOpened() throws Exception {
    Dialogue dialogue =
        type("close\r", "open " + folder.resolve("a.q") + "\t\r", "length\r", "quit\r");

    assertThat(dialogue.err()).isEmpty();
    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
  }

  @Test
  void argumentsOfOtherCommandsAreNotCompleted() throws Exception {
    Dialogue dialogue = type("alloc 0 5\t12\r", "quit\r");

    assertThat(dialogue.out()).isEqualTo("0/512 bytes allocated at offset 0 bytes\n");
  }

  @Test
  void aTerminalOfUnknownSizeShowsThePrompt() throws Exception {
    Dialogue dialogue = type("xterm", new Size(0, 0), "length\r", "quit\r");

    assertThat(dialogue.screen()).contains("qemu-io> ", "length");
    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
  }

  @Test
  void aTerminalThatCanDoNothingIsEnough() throws Exception {
    Dialogue dialogue = type("dumb", new Size(80, 24), "length\r", "quit\r");

    assertThat(dialogue.screen()).contains("qemu-io> ");
    assertThat(dialogue.out()).isEqualTo("8 MiB\n");
  }
}

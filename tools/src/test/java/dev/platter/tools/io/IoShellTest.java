package dev.platter.tools.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands from standard input, and what is said of them. */
class IoShellTest {
  private static Run io(String input) {
    return Run.of(List.of("io"), input.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aLineEndsWithALineFeedAndWithNothingElse() {
    Run run = io("sleep 0\r\nsleep 0\n");

    assertThat(run.out()).contains("0\r is not a valid number\n");
  }

  @Test
  void theCommandsAreListedByName() {
    List<String> names = IoCommands.all().stream().map(IoCommand::name).toList();

    assertThat(names).isSorted();
    assertThat(io("help\n").out()).contains("abort -- ", "writev ", "Use 'help commandname'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aio_read",
        "aio_write",
        "discard",
        "open",
        "read",
        "readv",
        "reopen",
        "sigraise",
        "write",
        "writev"
      })
  void moreIsSaidOfWhatTakesOptions(String name) {
    String usage = IoCommands.find(name).orElseThrow().usage(name) + "\n";

    assertThat(io("help " + name + "\n").out()).contains(usage + "\n ").endsWith("\n\nqemu-io> ");
  }
}

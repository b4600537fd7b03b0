package dev.platter.tools;

import java.util.List;
import java.util.Optional;

/** The {@code platter} command: {@code platter img info hd.qcow2}. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    int status = run(List.of(args), terminal);
    terminal.flush();
    System.exit(status);
  }

  private static int run(List<String> args, Terminal terminal) {
    Optional<String> refusal = GivenArguments.refusal(args);
    if (refusal.isPresent()) {
      terminal.err().println("platter: " + refusal.get());
      return 1;
    }
    return Platter.run(args, terminal);
  }
}

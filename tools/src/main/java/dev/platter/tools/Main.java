package dev.platter.tools;

import java.util.List;

/** The {@code platter} command: {@code platter img info hd.qcow2}. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    int status = Platter.run(List.of(args), terminal);
    terminal.flush();
    System.exit(status);
  }
}

package dev.platter.tools.peer;

import java.io.IOException;
import java.util.List;

/** Runs command lines: Platter in this process, or QEMU's programs. */
interface Program {
  /**
   * What a command line came to.
   *
   * @param out standard output
   * @param err standard error
   */
  record Result(String out, String err, int status) {}

  /**
   * Runs a command line and waits for it to end.
   *
   * @param words {@code img} or {@code io}, and its arguments
   */
  Result run(List<String> words, byte[] stdin) throws IOException, InterruptedException;
}

package dev.platter.tools;

import java.io.IOException;
import java.util.List;

/** One of the programs that {@code platter} holds. */
public interface Tool {
  /** The name under which it reports failures: {@code qemu-img}. */
  String program();

  /**
   * Runs it.
   *
   * @param args the words after its name
   * @return the exit status
   * @throws CommandFailure for a failure with words and a status of its own
   * @throws UsageException for a command line that is not understood
   * @throws IOException for any other failure, which is reported as one line, with status 1
   */
  int run(List<String> args, Terminal terminal) throws CommandFailure, UsageException, IOException;
}

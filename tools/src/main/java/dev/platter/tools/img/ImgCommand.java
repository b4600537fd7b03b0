package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import java.io.IOException;
import java.util.List;

/** One command of {@code qemu-img}. */
interface ImgCommand {
  /**
   * Runs it.
   *
   * @param args the words after its name
   * @return the exit status
   */
  int run(List<String> args, Terminal terminal) throws CommandFailure, UsageException, IOException;
}

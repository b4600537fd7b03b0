package dev.platter.tools.io;

import dev.platter.tools.image.ErrorText;
import java.io.IOException;

/** A command that failed, and what it says. The commands after it still run. */
final class IoFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Where it is said. QEMU's program uses both, and scripts look at one. */
  enum Where {
    OUT,
    ERR,
    /** On standard output: how the command is used. */
    USAGE
  }

  private final Where where;

  private IoFailure(Where where, String line) {
    super(line);
    this.where = where;
  }

  /** Said on standard output. */
  static IoFailure out(String line) {
    return new IoFailure(Where.OUT, line);
  }

  /** Said on standard error. */
  static IoFailure err(String line) {
    return new IoFailure(Where.ERR, line);
  }

  /** Said on standard error, after the program's name. */
  static IoFailure report(String line) {
    return new IoFailure(Where.ERR, "qemu-io: " + line);
  }

  /** What the block layer says, on standard error, after the program's name and a context. */
  static IoFailure report(String context, IOException failure) {
    return report(
        (context + ErrorText.of(failure) + "\n" + ErrorText.hint(failure)).stripTrailing());
  }

  /** Arguments that are not understood. */
  static IoFailure usage() {
    return new IoFailure(Where.USAGE, "");
  }

  Where where() {
    return where;
  }
}

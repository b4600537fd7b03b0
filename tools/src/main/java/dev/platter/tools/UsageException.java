package dev.platter.tools;

/** A command line that is not understood. The message is one line, without the program's name. */
public final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong, in the words of the program that the command stands in for
   */
  public UsageException(String message) {
    super(message);
  }
}

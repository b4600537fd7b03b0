package dev.platter.conf;

/**
 * Something that is accepted but should be written in another way.
 *
 * @param key the option it is about, as it was written
 * @param message one line, in QEMU's words where it has some
 * @param advice what to write instead; may be empty
 */
public record OptionWarning(String key, String message, String advice) {
  @Override
  public String toString() {
    return advice.isEmpty() ? message : message + ". " + advice;
  }
}

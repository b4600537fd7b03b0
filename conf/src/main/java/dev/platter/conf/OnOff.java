package dev.platter.conf;

import java.util.Set;

/** The words of a flag. */
final class OnOff {
  private static final Set<String> ON = Set.of("on", "yes", "true", "y");
  private static final Set<String> OFF = Set.of("off", "no", "false", "n");

  private OnOff() {}

  static boolean isOn(String word) {
    return ON.contains(word);
  }

  static boolean isOff(String word) {
    return OFF.contains(word);
  }
}

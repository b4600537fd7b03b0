package dev.platter.tools;

import java.util.ArrayList;
import java.util.List;

/** Strings of options, as QEMU's programs take them: {@code a=1,b=2}. */
public final class OptionParts {
  private OptionParts() {}

  /** The parts between single commas; two commas are one that belongs to a value. */
  public static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != ',') {
        part.append(text.charAt(i));
      } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
        part.append(',');
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    parts.add(part.toString());
    return parts;
  }
}

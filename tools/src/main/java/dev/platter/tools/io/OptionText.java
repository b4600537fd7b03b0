package dev.platter.tools.io;

import java.util.LinkedHashMap;
import java.util.Map;

/** Option strings as keys and values: the last one of a key counts. */
final class OptionText {
  private OptionText() {}

  /** The options of {@code key=value,key=value}; two commas are one of a value. */
  static Map<String, String> read(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      int keyEnd = at;
      while (keyEnd < text.length() && text.charAt(keyEnd) != '=' && text.charAt(keyEnd) != ',') {
        keyEnd++;
      }
      StringBuilder value = new StringBuilder();
      int next = keyEnd;
      if (keyEnd < text.length() && text.charAt(keyEnd) == '=') {
        next = readValue(text, keyEnd + 1, value);
      } else {
        value.append("on");
      }
      options.put(text.substring(at, keyEnd), value.toString());
      at = next + 1;
    }
    return options;
  }

  /** Reads a value; returns where the comma behind it stands. */
  private static int readValue(String text, int start, StringBuilder value) {
    int at = start;
    while (at < text.length()) {
      if (text.charAt(at) == ',') {
        if (at + 1 == text.length() || text.charAt(at + 1) != ',') {
          break;
        }
        at++;
      }
      value.append(text.charAt(at));
      at++;
    }
    return at;
  }
}

package dev.platter.tools.io;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Option strings as keys and values: the last one of a key counts. */
final class OptionText {
  private OptionText() {}

  /** The options of {@code key=value,key=value}; two commas are one of a value. */
  static Map<String, String> read(String text) {
    return read(text, _ -> {});
  }

  /** The same; {@code shortForms} is told of keys without a value. */
  static Map<String, String> read(String text, Consumer<String> shortForms) {
    Map<String, String> options = new LinkedHashMap<>();
    int at = 0;
    while (at < text.length()) {
      int keyEnd = at;
      while (keyEnd < text.length() && text.charAt(keyEnd) != '=' && text.charAt(keyEnd) != ',') {
        keyEnd++;
      }
      String key = text.substring(at, keyEnd);
      StringBuilder value = new StringBuilder();
      int next = keyEnd;
      if (keyEnd < text.length() && text.charAt(keyEnd) == '=') {
        next = readValue(text, keyEnd + 1, value);
      } else {
        value.append("on");
        shortForms.accept(key);
      }
      options.put(key, value.toString());
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

package dev.platter.tools.text;

import java.util.List;
import java.util.Map;

/** Nested facts as indented lines: what {@code info} prints below a format's own facts. */
public final class DetailText {
  private static final String INDENT = "    ";

  private DetailText() {}

  /** Appends the members of a map, each on lines of its own, at this depth. */
  public static void append(StringBuilder text, Map<String, ?> members, int depth) {
    for (String name : Json.names(members)) {
      entry(text, name.replace('-', ' ') + ":", members.get(name), depth);
    }
  }

  private static void append(StringBuilder text, List<?> elements, int depth) {
    int index = 0;
    for (Object element : elements) {
      entry(text, "[" + index++ + "]:", element, depth);
    }
  }

  @SuppressWarnings("unchecked") // names are text, or Json.names fails on them
  private static void entry(StringBuilder text, String label, Object value, int depth) {
    text.append(INDENT.repeat(depth)).append(label);
    switch (value) {
      case Map<?, ?> map -> append(text.append('\n'), (Map<String, ?>) map, depth + 1);
      case List<?> list -> append(text.append('\n'), list, depth + 1);
      default -> text.append(' ').append(value).append('\n');
    }
  }
}

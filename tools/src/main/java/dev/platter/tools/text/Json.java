package dev.platter.tools.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes JSON as QEMU does: four spaces a level, one member a line, members in QEMU's order, and
 * nothing but ASCII.
 *
 * <p>It takes what {@code JSON} knows: maps with text keys, lists, text, whole numbers and
 * booleans.
 */
public final class Json {
  private static final String INDENT = "    ";

  private Json() {}

  /** The value over several lines, without a line feed at the end. */
  public static String pretty(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value, 0);
    return out.toString();
  }

  /** The value on one line. */
  public static String compact(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          names(textKeys(map)).stream()
              .map(name -> compact(name) + ": " + compact(map.get(name)))
              .collect(Collectors.joining(", ", "{", "}"));
      case List<?> list ->
          list.stream().map(Json::compact).collect(Collectors.joining(", ", "[", "]"));
      default -> pretty(value);
    };
  }

  /** The names of an object's members in the order in which QEMU prints them. */
  public static List<String> names(Map<String, ?> members) {
    List<String> names = new ArrayList<>(members.keySet());
    Collections.reverse(names); // of those that share a bucket, the newest comes first
    names.sort(MemberOrder.BY_BUCKET);
    return names;
  }

  private static void write(StringBuilder out, Object value, int depth) {
    switch (value) {
      case Map<?, ?> map -> writeObject(out, textKeys(map), depth);
      case List<?> list -> writeArray(out, list, depth);
      case String text -> writeText(out, text);
      case Boolean flag -> out.append(flag);
      case Integer number -> out.append(number);
      case Long number -> out.append(number);
      default -> throw new IllegalArgumentException("not JSON: " + value.getClass());
    }
  }

  @SuppressWarnings("unchecked") // a key that is not text fails where it is written
  private static Map<String, ?> textKeys(Map<?, ?> map) {
    return (Map<String, ?>) map;
  }

  private static void writeObject(StringBuilder out, Map<String, ?> members, int depth) {
    out.append('{');
    String separator = "\n";
    for (String name : names(members)) {
      out.append(separator).append(INDENT.repeat(depth + 1));
      writeText(out, name);
      out.append(": ");
      write(out, members.get(name), depth + 1);
      separator = ",\n";
    }
    out.append('\n').append(INDENT.repeat(depth)).append('}');
  }

  private static void writeArray(StringBuilder out, List<?> elements, int depth) {
    out.append('[');
    String separator = "\n";
    for (Object element : elements) {
      out.append(separator).append(INDENT.repeat(depth + 1));
      write(out, element, depth + 1);
      separator = ",\n";
    }
    out.append('\n').append(INDENT.repeat(depth)).append(']');
  }

  private static void writeText(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c > '~') {
            out.append("\\u%04X".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}

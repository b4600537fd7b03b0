package dev.platter.conf;

import java.util.LinkedHashMap;
import java.util.Map;

/** A JSON object as the keys and values that an option string would have. */
public final class FlatJson {
  private FlatJson() {}

  /**
   * The members, those of inner objects by keys with dots: {@code {"a": {"b": 1}}} is {@code
   * a.b=1}. What is null is left out.
   *
   * @throws DriveSyntaxException if the text is not a JSON object
   */
  public static Map<String, String> members(String text) throws DriveSyntaxException {
    Problems problems = new Problems();
    Map<String, String> members = new LinkedHashMap<>();
    for (Entry entry : JsonEntries.of(SourceText.of(text), problems)) {
      entry.value().ifPresent(value -> members.put(entry.key(), value.asText()));
    }
    problems.throwIfAny();
    return members;
  }
}

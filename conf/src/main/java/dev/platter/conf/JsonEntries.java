package dev.platter.conf;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Flattens a JSON object into entries: {@code {"file": {"driver": "file"}}} is {@code
 * file.driver=file}, with the place of each member in the text. Single quotes are allowed, as QEMU
 * allows them.
 */
final class JsonEntries {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(NodeReader.MAXIMUM_DEPTH + 2).build())
          .build();

  private final JsonParser parser;
  private final Places places;
  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Problems kind;
  private boolean refused;

  /** Where chars of the JSON text stand in what was read. */
  @FunctionalInterface
  private interface Places {
    SourceText.Place of(int start, int end);
  }

  /**
   * @param problems what is wrong within the text
   * @param kind that it is something else than an object, which QEMU says without a context
   */
  private JsonEntries(JsonParser parser, Places places, Problems problems, Problems kind) {
    this.parser = parser;
    this.places = places;
    this.problems = problems;
    this.kind = kind;
  }

  /** The members of an object that is all of the text; none, and a problem, if it is not one. */
  static List<Entry> of(SourceText source, Problems problems) {
    return read(source.text(), source::place, problems, problems);
  }

  /** The members of the object in a file name {@code json:{...}}. */
  static List<Entry> ofFileName(Entry fileName, Problems problems) {
    int start = FileName.JSON.length();
    return read(
        fileName.text().substring(start),
        (from, to) -> fileName.placeInValue(from + start, to + start),
        problems.prefixed("Could not parse the JSON options: "),
        problems);
  }

  private static List<Entry> read(String json, Places places, Problems problems, Problems kind) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      JsonEntries reader = new JsonEntries(parser, places, problems, kind);
      reader.readAll(json.length());
      return reader.refused ? List.of() : List.copyOf(reader.entries.values());
    } catch (JsonProcessingException e) {
      // Without a location it is a limit that was passed, and where does not matter.
      boolean hasPlace = e.getLocation() != null && !JsonWords.atEnd(e);
      int at =
          hasPlace ? Math.clamp(e.getLocation().getCharOffset(), 0, json.length()) : json.length();
      problems.add(OptionProblem.of("", "JSON parse error, " + JsonWords.of(e)), places.of(at, at));
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("reading a string", e);
    }
  }

  private void readAll(int length) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      refuse("", "Expecting a JSON value", places.of(0, length));
      return;
    }
    if (first != JsonToken.START_OBJECT) {
      kind.add(OptionProblem.of("", "Invalid JSON object given"), places.of(0, length));
      refused = true;
      return;
    }
    readObject("");
    if (parser.nextToken() != null) {
      refuse("", "Expecting at most one JSON value", here());
    }
  }

  private void readObject(String prefix) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = prefix + parser.currentName();
      SourceText.Place keyPlace = here();
      parser.nextToken();
      readValue(key, keyPlace);
    }
  }

  private void readArray(String prefix, SourceText.Place place) throws IOException {
    int index = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      readValue(prefix + index, place);
      index++;
    }
  }

  private void readValue(String key, SourceText.Place keyPlace) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> readObject(key + ".");
      case START_ARRAY -> readArray(key + ".", keyPlace);
      case VALUE_STRING -> add(key, keyPlace, Optional.of(OptionValue.of(parser.getText())));
      case VALUE_NUMBER_INT ->
          add(key, keyPlace, Optional.of(new OptionValue.Int(parser.getBigIntegerValue())));
      case VALUE_TRUE -> add(key, keyPlace, Optional.of(OptionValue.of(true)));
      case VALUE_FALSE -> add(key, keyPlace, Optional.of(OptionValue.of(false)));
      case VALUE_NULL -> add(key, keyPlace, Optional.empty());
      default -> refuseFraction(key);
    }
  }

  /** No option takes one. */
  private void refuseFraction(String key) throws IOException {
    problems.add(
        new OptionProblem(
            key,
            "Invalid parameter type for '%s', expected: integer".formatted(key),
            parser.getText(),
            "integer",
            Optional.empty()),
        here());
  }

  private void add(String key, SourceText.Place keyPlace, Optional<OptionValue> value)
      throws IOException {
    Entry entry = new Entry(key, value, keyPlace, here(), Entry.Form.JSON);
    if (entries.putIfAbsent(key, entry) != null) {
      refuse(key, "JSON parse error, duplicate key", keyPlace);
    }
  }

  /** Refuses the text as a whole, as a syntax error does. */
  private void refuse(String key, String message, SourceText.Place place) {
    problems.add(OptionProblem.of(key, message), place);
    refused = true;
  }

  /** The current token's place. */
  private SourceText.Place here() throws IOException {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    parser.getText(); // or the parser has only seen the beginning of a string
    return places.of(start, Math.max(start, (int) parser.currentLocation().getCharOffset()));
  }
}

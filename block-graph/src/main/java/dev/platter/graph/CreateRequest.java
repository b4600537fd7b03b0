package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.option.OptionValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An image to be created.
 *
 * @param driver the format driver's name
 * @param fileName where: a plain path or another name that the graph's {@link FileNameParser} knows
 * @param sizeBytes the virtual size in bytes; if absent, that of the backing file
 * @param backing the backing file, as the new image's header shall name it; a relative name is
 *     taken from the folder of the new image
 * @param options the format's creation options, as they were written
 * @param checkBacking whether the backing file must exist and be of the format given
 */
public record CreateRequest(
    String driver,
    String fileName,
    OptionalLong sizeBytes,
    Optional<BackingReference> backing,
    Map<String, OptionValue> options,
    boolean checkBacking) {

  public CreateRequest {
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(fileName, "fileName");
    Objects.requireNonNull(sizeBytes, "sizeBytes");
    Objects.requireNonNull(backing, "backing");
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** An image of this size without a backing file. */
  public static CreateRequest of(String driver, String fileName, long sizeBytes) {
    return new CreateRequest(
        driver, fileName, OptionalLong.of(sizeBytes), Optional.empty(), Map.of(), true);
  }

  /** An image on top of a backing file, with its size. */
  public static CreateRequest overlay(
      String driver, String fileName, String backingName, String backingFormat) {
    BackingReference backing = new BackingReference(backingName, Optional.of(backingFormat));
    return new CreateRequest(
        driver, fileName, OptionalLong.empty(), Optional.of(backing), Map.of(), true);
  }

  /** A copy with one more option, or another value for it. */
  public CreateRequest with(String key, OptionValue value) {
    Map<String, OptionValue> more = new LinkedHashMap<>(options);
    more.put(key, value);
    return new CreateRequest(driver, fileName, sizeBytes, backing, more, checkBacking);
  }

  /** A copy with one more option, written as text. */
  public CreateRequest with(String key, String text) {
    return with(key, OptionValue.of(text));
  }
}

package dev.platter.tools.image;

import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.GenericOptions;
import dev.platter.conf.CacheMode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a command opens an image, beside what the user says about it.
 *
 * @param writable whether it is written
 * @param backing whether the backing chain is opened as well
 * @param forceShare whether another process may be writing to it
 * @param options options of the top node, generic ones such as cache mode and discard, and how
 *     requests reach the host's file
 */
public record OpenMode(
    boolean writable, boolean backing, boolean forceShare, Map<String, OptionValue> options) {

  /** The option of the host's file that says how requests reach it. */
  static final String AIO = "aio";

  /** To be read, with its chain. */
  public static final OpenMode READ = new OpenMode(false, true, false, Map.of());

  /** To be written, with its chain. */
  public static final OpenMode WRITE = new OpenMode(true, true, false, Map.of());

  public OpenMode {
    options = Map.copyOf(options);
  }

  /** This mode for an image that is written. */
  public OpenMode writing() {
    return new OpenMode(true, backing, forceShare, options);
  }

  /** This mode for an image that is not written. */
  public OpenMode readOnly() {
    return new OpenMode(false, backing, forceShare, options);
  }

  /** This mode without the backing chain. */
  public OpenMode withoutBacking() {
    return new OpenMode(writable, false, forceShare, options);
  }

  /** This mode, sharing the image with a process that writes to it. */
  public OpenMode sharing(boolean forceShare) {
    return new OpenMode(writable, backing, forceShare, options);
  }

  /** This mode with a cache mode. */
  public OpenMode with(CacheMode cache) {
    Map<String, OptionValue> more = new LinkedHashMap<>(options);
    more.putAll(cache.flags());
    return new OpenMode(writable, backing, forceShare, more);
  }

  /** This mode with discards passed on, or ignored. */
  public OpenMode unmapping(boolean unmap) {
    return with(GenericOptions.DISCARD.name(), unmap ? "unmap" : "ignore");
  }

  /** This mode with one of {@link AioMode}, where the image's description names none. */
  public OpenMode withAio(String mode) {
    return with(AIO, mode);
  }

  /** This mode with one more generic option. */
  public OpenMode with(String key, String value) {
    Map<String, OptionValue> more = new LinkedHashMap<>(options);
    more.put(key, OptionValue.of(value));
    return new OpenMode(writable, backing, forceShare, more);
  }
}

package dev.platter.conf;

import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.GenericOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The words of {@code cache=}, each of which stands for three flags. */
public enum CacheMode {
  WRITEBACK(true, false, false),
  NONE(true, true, false),
  WRITETHROUGH(false, false, false),
  DIRECTSYNC(false, true, false),
  UNSAFE(true, false, true);

  private final boolean writeback;
  private final boolean direct;
  private final boolean noFlush;

  CacheMode(boolean writeback, boolean direct, boolean noFlush) {
    this.writeback = writeback;
    this.direct = direct;
    this.noFlush = noFlush;
  }

  /** The word. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The options of the node that the mode stands for. */
  public Map<String, OptionValue> flags() {
    Map<String, OptionValue> flags = new LinkedHashMap<>();
    flags.put(GenericOptions.CACHE_WRITEBACK.name(), flag(writeback));
    flags.put(GenericOptions.CACHE_DIRECT.name(), flag(direct));
    flags.put(GenericOptions.CACHE_NO_FLUSH.name(), flag(noFlush));
    return flags;
  }

  private static OptionValue flag(boolean value) {
    return OptionValue.of(value ? "on" : "off");
  }

  /** The mode with this name; {@code off} is an old one for {@code none}. */
  public static Optional<CacheMode> of(String word) {
    String name = word.equals("off") ? "none" : word;
    return Arrays.stream(values()).filter(mode -> mode.word().equals(name)).findFirst();
  }

  /** The mode that sets exactly the flags among these options. */
  static Optional<CacheMode> of(Map<String, OptionValue> options) {
    return Arrays.stream(values())
        .filter(mode -> options.entrySet().containsAll(mode.flags().entrySet()))
        .findFirst();
  }
}

package dev.platter.api.spec;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;

/** The options that every node takes, whatever its driver: QEMU's {@code BlockdevOptions}. */
public final class GenericOptions {
  /** What a discard request does. */
  public enum Discard {
    IGNORE,
    OFF,
    UNMAP,
    ON;

    /** Whether discards are passed on. */
    public boolean unmaps() {
      return this == UNMAP || this == ON;
    }
  }

  /** What a write of zeros becomes. */
  public enum DetectZeroes {
    OFF,
    ON,
    UNMAP
  }

  public static final Option<Boolean> READ_ONLY =
      Option.flag("read-only")
          .defaultValue(false)
          .doc("Refuse writes and open the image file read-only.")
          .since("1.7")
          .build();
  public static final Option<Boolean> AUTO_READ_ONLY =
      Option.flag("auto-read-only")
          .defaultValue(false)
          .doc("Fall back to read-only where the image file cannot be opened for writing.")
          .since("3.1")
          .build();
  public static final Option<Boolean> FORCE_SHARE =
      Option.flag("force-share")
          .defaultValue(false)
          .doc("Open although another process writes to the image; only with read-only=on.")
          .since("2.10")
          .build();
  public static final Option<Boolean> CACHE_WRITEBACK =
      Option.flag("cache.writeback")
          .defaultValue(true)
          .doc("Complete writes before they are durable; off flushes after every write.")
          .since("1.7")
          .build();
  public static final Option<Boolean> CACHE_DIRECT =
      Option.flag("cache.direct")
          .defaultValue(false)
          .doc("Bypass the host's page cache (O_DIRECT). Inherited by the nodes below.")
          .since("1.7")
          .build();
  public static final Option<Boolean> CACHE_NO_FLUSH =
      Option.flag("cache.no-flush")
          .defaultValue(false)
          .doc("Ignore flush requests: fast and unsafe. Inherited by the nodes below.")
          .since("1.7")
          .build();
  public static final Option<Discard> DISCARD =
      Option.choice("discard", Discard.class)
          .defaultValue(Discard.IGNORE)
          .doc("Whether discard requests are ignored or free the space.")
          .since("1.4")
          .build();
  public static final Option<DetectZeroes> DETECT_ZEROES =
      Option.choice("detect-zeroes", DetectZeroes.class)
          .defaultValue(DetectZeroes.OFF)
          .doc("Turn writes of zeros into zero-writes, or into unmapping ones.")
          .since("2.1")
          .build();

  /** All of them, in the order of documentation. */
  public static final OptionSchema SCHEMA =
      OptionSchema.of(
          READ_ONLY,
          AUTO_READ_ONLY,
          FORCE_SHARE,
          CACHE_WRITEBACK,
          CACHE_DIRECT,
          CACHE_NO_FLUSH,
          DISCARD,
          DETECT_ZEROES);

  private GenericOptions() {}
}

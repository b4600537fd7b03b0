package dev.platter.conf;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import java.util.EnumSet;

/** The keys of a drive itself, beside those of the nodes that it describes. */
final class DriveKeys {
  static final Option<String> FILE =
      Option.text("file")
          .doc("The image: a path, protocol:name or json:{...}. A comma in it is written ,,")
          .since("0.9")
          .build();
  static final Option<String> FORMAT =
      Option.text("format")
          .defaultText("found by looking at the image")
          .doc("The driver of the top node; driver is another name for it.")
          .conflictsWith("driver")
          .since("0.9")
          .build();
  static final Option<String> NODE_NAME =
      Option.text("node-name")
          .defaultText("made up")
          .doc("The top node's name: a letter, then letters, digits, - . and _, at most 31 in all.")
          .since("2.0")
          .build();
  static final Option<String> ID =
      Option.text("id")
          .defaultText("made of interface, bus and unit")
          .doc("The drive's name, by which -device refers to it.")
          .since("0.10")
          .build();
  static final Option<DriveInterface> INTERFACE =
      Option.choice("if", DriveInterface.class)
          .defaultText("the machine's")
          .doc("What the drive is attached to; none if a -device refers to it.")
          .since("0.9")
          .build();
  static final Option<Long> BUS =
      Option.number("bus", 0, Integer.MAX_VALUE)
          .defaultText("the next free")
          .doc("The bus on the interface.")
          .since("0.9")
          .build();
  static final Option<Long> UNIT =
      Option.number("unit", 0, Integer.MAX_VALUE)
          .defaultText("the next free")
          .doc("The unit on the bus.")
          .since("0.9")
          .build();
  static final Option<Long> INDEX =
      Option.number("index", 0, Integer.MAX_VALUE)
          .defaultText("the next free")
          .doc("The position counted over all buses of the interface.")
          .conflictsWith("bus", "unit")
          .since("0.9")
          .build();
  static final Option<DriveMedia> MEDIA =
      Option.choice("media", DriveMedia.class)
          .defaultValue(DriveMedia.DISK)
          .doc("What the guest sees; a CD-ROM is read-only.")
          .since("0.9")
          .build();
  static final Option<CacheMode> CACHE =
      Option.choice("cache", CacheMode.class)
          .defaultValue(CacheMode.WRITEBACK)
          .doc(
              "Sets cache.writeback, cache.direct and cache.no-flush together; each of them that is"
                  + " given as well wins.")
          .since("0.10")
          .build();
  static final Option<Aio> AIO =
      Option.choice("aio", Aio.class)
          .defaultText("the protocol driver's")
          .doc("How host I/O is done; it is the protocol node's own aio.")
          .since("0.12")
          .build();
  static final Option<ErrorAction> READ_ERRORS =
      Option.choice("rerror", EnumSet.complementOf(EnumSet.of(ErrorAction.ENOSPC)))
          .defaultValue(ErrorAction.REPORT)
          .doc("What happens when a read fails.")
          .since("0.11")
          .build();
  static final Option<ErrorAction> WRITE_ERRORS =
      Option.choice("werror", ErrorAction.class)
          .defaultValue(ErrorAction.ENOSPC)
          .doc("What happens when a write fails; enospc stops only if the host is out of space.")
          .since("0.10")
          .build();
  static final Option<Boolean> SNAPSHOT =
      Option.flag("snapshot")
          .defaultValue(false)
          .doc("Write to a temporary overlay that is deleted when the drive is closed.")
          .since("0.10")
          .build();
  static final Option<Boolean> COPY_ON_READ =
      Option.flag("copy-on-read")
          .defaultValue(false)
          .doc("Keep in the top image what was read from below.")
          .since("1.1")
          .build();
  static final Option<Boolean> STATS_ACCOUNT_INVALID =
      Option.flag("stats-account-invalid")
          .defaultValue(true)
          .doc("Count the time of invalid requests.")
          .since("2.5")
          .notSupportedYet(on -> !on)
          .build();
  static final Option<Boolean> STATS_ACCOUNT_FAILED =
      Option.flag("stats-account-failed")
          .defaultValue(true)
          .doc("Count the time of failed requests.")
          .since("2.5")
          .notSupportedYet(on -> !on)
          .build();

  /** All of them but the throttling keys, in the order of documentation. */
  static final OptionSchema SCHEMA =
      OptionSchema.of(
          FILE,
          FORMAT,
          NODE_NAME,
          ID,
          INTERFACE,
          BUS,
          UNIT,
          INDEX,
          MEDIA,
          CACHE,
          AIO,
          READ_ERRORS,
          WRITE_ERRORS,
          SNAPSHOT,
          COPY_ON_READ,
          STATS_ACCOUNT_INVALID,
          STATS_ACCOUNT_FAILED);

  private DriveKeys() {}
}

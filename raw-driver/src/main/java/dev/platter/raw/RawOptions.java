package dev.platter.raw;

import dev.platter.api.Preallocation;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;

/** The options of the driver {@code raw}. */
final class RawOptions {
  static final Option<Long> OFFSET =
      Option.size("offset")
          .defaultValue(0L)
          .doc("Where the disk begins in the file, in bytes.")
          .since("2.9")
          .build();
  static final Option<Long> SIZE =
      Option.size("size")
          .defaultText("up to the end of the file")
          .doc("The size of the disk in bytes, a multiple of 512.")
          .since("2.9")
          .build();
  static final OptionSchema SCHEMA = OptionSchema.of(OFFSET, SIZE);

  static final Option<Preallocation> PREALLOCATION =
      Option.choice("preallocation", Preallocation.class)
          .defaultValue(Preallocation.OFF)
          .doc("Preallocation mode (allowed values: off, falloc, full)")
          .since("2.2")
          .build();
  static final OptionSchema CREATE_SCHEMA = OptionSchema.of(PREALLOCATION);

  private RawOptions() {}
}

package dev.platter.conf;

import dev.platter.api.option.OptionType;
import java.util.Locale;

/** How host I/O is done: {@code aio=}. */
enum Aio implements OptionType.Word {
  THREADS,
  NATIVE,
  IO_URING;

  @Override
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

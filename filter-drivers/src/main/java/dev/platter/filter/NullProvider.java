package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import java.io.IOException;
import java.time.Duration;

/** Protocol driver {@code null-co}: a disk that costs nothing, to measure what lies above it. */
public class NullProvider implements ProtocolDriverProvider {
  private static final Option<Long> SIZE =
      Option.size("size", 0, Long.MAX_VALUE)
          .defaultValue(1L << 30)
          .doc("The size in bytes.")
          .since("1.7")
          .build();
  private static final Option<Long> LATENCY =
      Option.number("latency-ns", 0, Long.MAX_VALUE, "latency-ns is invalid")
          .defaultValue(0L)
          .doc("How long each request takes, in nanoseconds.")
          .since("2.2")
          .build();
  private static final Option<Boolean> READ_ZEROES =
      Option.flag("read-zeroes")
          .defaultValue(false)
          .doc("Whether it is known of the bytes that they are zeros, which they are in any case.")
          .since("4.1")
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public NullProvider() {}

  @Override
  public String name() {
    return "null-co";
  }

  @Override
  public String description() {
    return "Zeros, whatever is written to them.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(SIZE, LATENCY, READ_ZEROES);
  }

  @Override
  public BlockNode open(ProtocolOpening opening) throws IOException {
    OptionValues options = opening.options();
    return new NullNode(
        opening.nodeName(),
        options.get(SIZE),
        opening.generic().get(GenericOptions.READ_ONLY),
        options.get(READ_ZEROES),
        Duration.ofNanos(options.get(LATENCY)));
  }

  /** The same under the name {@code null-aio}. */
  public static final class Aio extends NullProvider {
    /** For {@link java.util.ServiceLoader}. */
    public Aio() {}

    @Override
    public String name() {
      return "null-aio";
    }
  }
}

package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Filter driver {@code blkdebug}. */
public final class BlkDebugProvider implements FilterDriverProvider {
  private static final String IMAGE = "image";

  static final Option<String> CONFIG =
      Option.text("config")
          .doc("A file with sections [inject-error] and [set-state].")
          .since("0.13")
          .build();
  static final Option<Long> ALIGN =
      Option.size("align", 1, 1 << 30)
          .defaultText("that of the node below")
          .doc("The alignment that requests are told to have; a power of two.")
          .since("1.7")
          .build();
  static final Option<Long> MAX_TRANSFER =
      Option.size("max-transfer", 1, Long.MAX_VALUE)
          .defaultText("that of the node below")
          .doc("The length beyond which requests are told to be split.")
          .since("2.10")
          .build();
  static final Option<Long> OPT_WRITE_ZERO =
      Option.size("opt-write-zero", 1, 1 << 30)
          .defaultText("that of the node below")
          .doc("The alignment that zero-writes are told to have; a power of two.")
          .since("2.10")
          .build();
  static final Option<Long> MAX_WRITE_ZERO =
      Option.size("max-write-zero", 1, Integer.MAX_VALUE)
          .defaultText("no bound")
          .doc("The length that zero-writes are split into; a multiple of their alignment.")
          .since("2.10")
          .build();
  static final Option<Long> OPT_DISCARD =
      Option.size("opt-discard", 1, 1 << 30)
          .defaultText("that of the node below")
          .doc("The alignment that discards are told to have; a power of two.")
          .since("2.10")
          .build();

  static final Option<Long> MAX_DISCARD =
      Option.size("max-discard", 1, Integer.MAX_VALUE)
          .defaultText("no bound")
          .doc("The length that discards are split into; a multiple of their alignment.")
          .since("2.10")
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public BlkDebugProvider() {}

  @Override
  public String name() {
    return "blkdebug";
  }

  @Override
  public String description() {
    return "Fails requests by rules that wait for what the driver above is about to do.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(
            CONFIG, ALIGN, MAX_TRANSFER, OPT_WRITE_ZERO, MAX_WRITE_ZERO, OPT_DISCARD, MAX_DISCARD)
        .withGroup(DebugRuleOptions.INJECT_ERROR, DebugRuleOptions.INJECT_ERROR_FIELDS)
        .withGroup(DebugRuleOptions.SET_STATE, DebugRuleOptions.SET_STATE_FIELDS);
  }

  @Override
  public Set<String> childRoles() {
    return Set.of(IMAGE);
  }

  @Override
  public String inputRole() {
    return IMAGE;
  }

  @Override
  public boolean standsForProtocol() {
    return true;
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    OptionValues options = opening.options();
    BlockLimits limits = limits(opening.child().limits(), options);
    List<DebugRule> rules = new ArrayList<>();
    if (options.given(CONFIG).isPresent()) {
      rules.addAll(DebugConfigFile.read(options.get(CONFIG)));
    }
    rules.addAll(DebugRuleOptions.read(options));
    return new BlkDebugNode(
        opening.nodeName(),
        opening.child(),
        limits,
        multiple(options, MAX_WRITE_ZERO, limits.requestAlignmentBytes(), OPT_WRITE_ZERO),
        multiple(options, MAX_DISCARD, limits.requestAlignmentBytes(), OPT_DISCARD),
        new DebugRules(rules));
  }

  private static BlockLimits limits(BlockLimits below, OptionValues options)
      throws OptionException {
    return new BlockLimits(
        (int) powerOfTwo(options, ALIGN, below.requestAlignmentBytes()),
        below.memoryAlignmentBytes(),
        below.optimalTransferBytes(),
        powerOfTwo(options, OPT_WRITE_ZERO, below.zeroAlignmentBytes()),
        powerOfTwo(options, OPT_DISCARD, below.discardAlignmentBytes()),
        options.given(MAX_TRANSFER).orElse(below.maxTransferBytes()));
  }

  private static long multiple(
      OptionValues options, Option<Long> option, int alignment, Option<Long> optimum)
      throws OptionException {
    long value = options.given(option).orElse(Long.MAX_VALUE);
    long unit = Math.max(alignment, options.given(optimum).orElse(1L));
    if (value != Long.MAX_VALUE && value % unit != 0) {
      throw constraint(option, value);
    }
    return value;
  }

  private static long powerOfTwo(OptionValues options, Option<Long> option, long otherwise)
      throws OptionException {
    long value = options.given(option).orElse(otherwise);
    if (Long.bitCount(value) != 1) {
      throw constraint(option, value);
    }
    return value;
  }

  private static OptionException constraint(Option<Long> option, long value) {
    return new OptionException(
        OptionProblem.of(
            option.name(), "Cannot meet constraints with %s %d".formatted(option.name(), value)));
  }
}

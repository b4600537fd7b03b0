package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;

/**
 * The limits of a {@code blkdebug} node, decoded and validated here.
 *
 * @param told what the nodes above are told
 * @param writeUnitBytes what writes are rounded to; 1 for not at all
 * @param zeroPieces how zero-writes are split
 * @param discardPieces how discards are split
 */
record DebugLimits(
    BlockLimits told, long writeUnitBytes, RequestPieces zeroPieces, RequestPieces discardPieces) {

  /** The limits of the node below, but for those that options name. */
  static DebugLimits of(BlockLimits below, OptionValues options) throws OptionException {
    long align = given(options, BlkDebugProvider.ALIGN, 1);
    if (Long.bitCount(align) > 1) {
      throw constraint(BlkDebugProvider.ALIGN, align);
    }
    long alignment = Math.max(align, below.requestAlignmentBytes());
    long transfer = given(options, BlkDebugProvider.MAX_TRANSFER, alignment);
    long zeroUnit = given(options, BlkDebugProvider.OPT_WRITE_ZERO, alignment);
    RequestPieces zeroPieces =
        pieces(options, alignment, zeroUnit, BlkDebugProvider.MAX_WRITE_ZERO);
    long discardUnit = given(options, BlkDebugProvider.OPT_DISCARD, alignment);
    RequestPieces discardPieces =
        pieces(options, alignment, discardUnit, BlkDebugProvider.MAX_DISCARD);
    return new DebugLimits(
        new BlockLimits(
            Math.toIntExact(alignment),
            below.memoryAlignmentBytes(),
            below.optimalTransferBytes(),
            zeroUnit == 0 ? below.zeroAlignmentBytes() : zeroUnit,
            discardUnit == 0 ? below.discardAlignmentBytes() : discardUnit,
            transfer == 0 ? below.maxTransferBytes() : transfer),
        Math.max(align, 1),
        zeroPieces,
        discardPieces);
  }

  private static RequestPieces pieces(
      OptionValues options, long alignment, long unit, Option<Long> maximum)
      throws OptionException {
    long splitUnit = Math.max(unit, alignment);
    long most = given(options, maximum, splitUnit);
    return new RequestPieces(splitUnit, most == 0 ? Long.MAX_VALUE : most);
  }

  /** An option's value, 0 if it is not given: a multiple of the unit, below 2 GiB. */
  private static long given(OptionValues options, Option<Long> option, long unit)
      throws OptionException {
    long value = options.given(option).orElse(0L);
    if (value >= Integer.MAX_VALUE || value % unit != 0) {
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

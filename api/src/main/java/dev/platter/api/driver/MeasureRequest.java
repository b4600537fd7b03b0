package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValues;
import java.util.List;
import java.util.Optional;

/**
 * An image whose size is asked for before it is made.
 *
 * @param options values of the provider's {@link BlockDriverProvider#createOptions()}
 * @param sizeBytes the virtual size in bytes; without meaning if there is a source
 * @param backed whether it is to have a backing file
 * @param source what is to be copied into it, with its backing files; borrowed
 * @param bitmaps the bitmaps of the source that are to be kept; empty if it cannot have any
 */
public record MeasureRequest(
    OptionValues options,
    long sizeBytes,
    boolean backed,
    Optional<BlockNode> source,
    Optional<List<SourceBitmap>> bitmaps) {

  /**
   * A bitmap of the source.
   *
   * @param granularityBytes guest bytes for each of its bits, a power of two
   */
  public record SourceBitmap(String name, long granularityBytes) {}
}

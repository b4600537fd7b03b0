package dev.platter.tools.img;

import dev.platter.api.driver.BitmapFormat;
import dev.platter.graph.FormatNode;
import dev.platter.tools.image.OpenImage;
import java.util.Optional;

/** What an open image has to do with bitmaps. */
final class BitmapsOf {
  private static final long LEAST_GRANULARITY_BYTES = 4096;
  private static final long MOST_GRANULARITY_BYTES = 65536;

  private BitmapsOf() {}

  /** The image, if its format has bitmaps, whether or not this image may have some. */
  static Optional<BitmapFormat> find(OpenImage image) {
    return image
        .format()
        .map(FormatNode::driver)
        .filter(BitmapFormat.class::isInstance)
        .map(BitmapFormat.class::cast);
  }

  /** The image, if it can keep bitmaps. */
  static Optional<BitmapFormat> keeping(OpenImage image) {
    return find(image).filter(BitmapFormat::keepsBitmaps);
  }

  /** What a bit stands for unless the user says otherwise: a cluster, within bounds. */
  static long defaultGranularity(OpenImage image) {
    return image
        .format()
        .map(format -> format.driver().allocationUnitBytes())
        .filter(bytes -> bytes > 1)
        .map(bytes -> Math.clamp(bytes, LEAST_GRANULARITY_BYTES, MOST_GRANULARITY_BYTES))
        .orElse(MOST_GRANULARITY_BYTES);
  }
}

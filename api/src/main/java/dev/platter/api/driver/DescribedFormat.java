package dev.platter.api.driver;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;

/** A format driver that can say what its image is, for {@code info}. */
public interface DescribedFormat {

  /** Describes the image; reads what it needs for that. */
  FormatDetails details() throws IOException;

  /**
   * What an image says of itself.
   *
   * @param clusterSizeBytes its cluster size, if it has clusters
   * @param dirty whether it was not closed properly
   * @param encrypted whether its data is encrypted
   * @param compressed whether some of its data is compressed, as far as the header tells
   * @param specific the format's own facts by QEMU's names, in order: booleans, longs, strings,
   *     lists and maps of these
   */
  record FormatDetails(
      OptionalLong clusterSizeBytes,
      boolean dirty,
      boolean encrypted,
      boolean compressed,
      Map<String, Object> specific) {}
}

package dev.platter.qcow2;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A header as it is written anew: fields of the length that we create, and QEMU's extensions in
 * QEMU's order, the names of features as they are now, and then those that nobody here knows.
 */
final class HeaderLayout {
  /**
   * In smaller clusters QEMU leaves the names of features out, and the room to the backing name.
   */
  private static final int SMALLEST_CLUSTER_BYTES_WITH_FEATURE_NAMES = 8192;

  /** What feature bits are called. */
  static final HeaderExtension FEATURE_NAMES =
      HeaderExtension.FeatureNames.of(
          List.of(
              incompatible(0, "dirty bit"),
              incompatible(1, "corrupt bit"),
              incompatible(2, "external data file"),
              incompatible(3, "compression type"),
              incompatible(4, "extended L2 entries"),
              new HeaderExtension.FeatureName(
                  HeaderExtension.FeatureName.COMPATIBLE, 0, "lazy refcounts"),
              autoclear(0, "bitmaps"),
              autoclear(1, "raw external data")));

  private HeaderLayout() {}

  /** Whether an image says what feature bits are called. */
  static boolean namesFeatures(int version, int clusterBytes) {
    return version >= 3 && clusterBytes >= SMALLEST_CLUSTER_BYTES_WITH_FEATURE_NAMES;
  }

  /**
   * The header of a version with everything in its place. Version 2 has no features, so the caller
   * sees to it that none is in use.
   */
  static Qcow2Header of(Qcow2Header header, int version) {
    int headerLength =
        version == 2
            ? HeaderCodec.V2_BYTES
            : Math.max(HeaderCodec.CREATED_BYTES, header.headerLength());
    int unknownBytes = version == 2 ? 0 : headerLength - HeaderCodec.V3_BYTES - 1;
    ByteBuffer unknownFields = ByteBuffer.allocate(unknownBytes);
    if (version >= 3) {
      unknownFields.put(header.unknownFields());
    }
    Qcow2Header placed =
        header.withLayout(
            version, headerLength, unknownFields.clear(), extensions(header, version));
    return version == 2 ? placed.withFeatures(FeatureBits.NONE) : placed;
  }

  private static List<HeaderExtension> extensions(Qcow2Header header, int version) {
    List<HeaderExtension> ordered = new ArrayList<>();
    header.extension(HeaderExtension.BackingFormat.class).ifPresent(ordered::add);
    header.extension(HeaderExtension.DataFile.class).ifPresent(ordered::add);
    header.extension(HeaderExtension.CryptoHeader.class).ifPresent(ordered::add);
    if (namesFeatures(version, header.geometry().clusterBytes())) {
      ordered.add(FEATURE_NAMES);
    }
    header.extension(HeaderExtension.Bitmaps.class).ifPresent(ordered::add);
    header.extensions().stream()
        .filter(HeaderExtension.Unknown.class::isInstance)
        .forEach(ordered::add);
    return ordered;
  }

  private static HeaderExtension.FeatureName incompatible(int bit, String name) {
    return new HeaderExtension.FeatureName(HeaderExtension.FeatureName.INCOMPATIBLE, bit, name);
  }

  private static HeaderExtension.FeatureName autoclear(int bit, String name) {
    return new HeaderExtension.FeatureName(HeaderExtension.FeatureName.AUTOCLEAR, bit, name);
  }
}

package dev.platter.qcow2;

import dev.platter.api.error.ImageFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the area of header extensions: type, length, data, padding to 8 bytes. */
final class ExtensionCodec {
  /** The longest name of a backing format, and one. */
  private static final int BACKING_FORMAT_LIMIT = 16;

  private static final int MAXIMUM_BITMAPS = 65535;
  private static final long MAXIMUM_BITMAP_DIRECTORY_BYTES = (long) MAXIMUM_BITMAPS * 1024;
  private static final int FRAME_BYTES = 8;

  private final HeaderRules rules;
  private final ByteBuffer area;
  private final FeatureBits features;
  private final int cryptMethod;

  /**
   * @param area the bytes from the end of the fields to the backing file's name, or to the end of
   *     the cluster
   */
  ExtensionCodec(HeaderRules rules, ByteBuffer area, FeatureBits features, int cryptMethod) {
    this.rules = rules;
    this.area = area;
    this.features = features;
    this.cryptMethod = cryptMethod;
  }

  /** All extensions, in order. */
  List<HeaderExtension> decode(ClusterGeometry geometry) throws ImageFormatException {
    List<HeaderExtension> extensions = new ArrayList<>();
    ByteBuffer rest = area.duplicate();
    while (rest.hasRemaining()) {
      if (rest.remaining() < FRAME_BYTES) {
        throw rules.refusal("Header extension too large");
      }
      int type = rest.getInt();
      int length = rest.getInt();
      if (length < 0 || length > rest.remaining()) {
        throw rules.refusal("Header extension too large");
      }
      if (type == HeaderExtension.END) {
        break;
      }
      extensions.add(decodeOne(geometry, type, rest.slice(rest.position(), length)));
      rest.position(Math.min(rest.limit(), rest.position() + padded(length)));
    }
    return extensions;
  }

  /**
   * The names of features, as far as they can be read: for the refusal of an unknown one. Of
   * several tables the last one counts.
   */
  List<HeaderExtension.FeatureName> featureNames() {
    List<HeaderExtension.FeatureName> names = List.of();
    ByteBuffer rest = area.duplicate();
    while (rest.remaining() >= FRAME_BYTES) {
      int type = rest.getInt();
      int length = rest.getInt();
      if (type == HeaderExtension.END || length < 0 || length > rest.remaining()) {
        break;
      }
      if (type == HeaderExtension.FEATURE_NAMES) {
        names = new HeaderExtension.FeatureNames(rest.slice(rest.position(), length)).names();
      }
      rest.position(Math.min(rest.limit(), rest.position() + padded(length)));
    }
    return names;
  }

  private HeaderExtension decodeOne(ClusterGeometry geometry, int type, ByteBuffer data)
      throws ImageFormatException {
    return switch (type) {
      case HeaderExtension.BACKING_FORMAT -> backingFormat(data);
      case HeaderExtension.FEATURE_NAMES -> new HeaderExtension.FeatureNames(data);
      case HeaderExtension.CRYPTO_HEADER -> cryptoHeader(geometry, data);
      case HeaderExtension.BITMAPS -> bitmaps(geometry, data);
      case HeaderExtension.DATA_FILE ->
          new HeaderExtension.DataFile(rules.text("Data file name", data));
      default -> new HeaderExtension.Unknown(type, data);
    };
  }

  private HeaderExtension backingFormat(ByteBuffer data) throws ImageFormatException {
    if (data.remaining() >= BACKING_FORMAT_LIMIT) {
      throw rules.refusal(
          "ERROR: ext_backing_format: len=%d too large (>=%d)"
              .formatted(data.remaining(), BACKING_FORMAT_LIMIT));
    }
    return new HeaderExtension.BackingFormat(rules.text("Backing format", data));
  }

  private HeaderExtension cryptoHeader(ClusterGeometry geometry, ByteBuffer data)
      throws ImageFormatException {
    if (cryptMethod != Qcow2Header.CRYPT_LUKS) {
      throw rules.refusal("CRYPTO header extension only expected with LUKS encryption method");
    }
    if (data.remaining() != HeaderExtension.CryptoHeader.BYTES) {
      throw rules.refusal(
          "CRYPTO header extension size %d, but expected size %d"
              .formatted(data.remaining(), HeaderExtension.CryptoHeader.BYTES));
    }
    long offset = data.getLong();
    if (!geometry.aligned(offset)) {
      throw rules.refusal(
          "Encryption header offset '%s' is not a multiple of cluster size '%d'"
              .formatted(Long.toUnsignedString(offset), geometry.clusterBytes()));
    }
    return new HeaderExtension.CryptoHeader(offset, data.getLong());
  }

  /** An extension that no longer agrees with the image is kept, and not looked into. */
  private HeaderExtension bitmaps(ClusterGeometry geometry, ByteBuffer data)
      throws ImageFormatException {
    if (data.remaining() != HeaderExtension.Bitmaps.BYTES) {
      throw rules.refusal("bitmaps_ext: Invalid extension length");
    }
    if (!features.bitmaps()) {
      return new HeaderExtension.Unknown(HeaderExtension.BITMAPS, data);
    }
    long count = Integer.toUnsignedLong(data.getInt());
    if (data.getInt() != 0) {
      throw rules.refusal("bitmaps_ext: Reserved field is not zero");
    }
    if (count > MAXIMUM_BITMAPS) {
      throw rules.refusal(
          "bitmaps_ext: Image has %d bitmaps, exceeding the QEMU supported maximum of %d"
              .formatted(count, MAXIMUM_BITMAPS));
    }
    if (count == 0) {
      throw rules.refusal("found bitmaps extension with zero bitmaps");
    }
    long directoryBytes = data.getLong();
    long directoryOffset = data.getLong();
    if (!geometry.aligned(directoryOffset)) {
      throw rules.refusal("bitmaps_ext: invalid bitmap directory offset");
    }
    if (Long.compareUnsigned(directoryBytes, MAXIMUM_BITMAP_DIRECTORY_BYTES) > 0) {
      throw rules.refusal(
          "bitmaps_ext: bitmap directory size (%s) exceeds the maximum supported size (%d)"
              .formatted(Long.toUnsignedString(directoryBytes), MAXIMUM_BITMAP_DIRECTORY_BYTES));
    }
    return new HeaderExtension.Bitmaps((int) count, directoryBytes, directoryOffset);
  }

  /** Bytes that {@link #encode} puts. */
  static int encodedBytes(List<HeaderExtension> extensions) {
    int bytes = FRAME_BYTES;
    for (HeaderExtension extension : extensions) {
      bytes += FRAME_BYTES + padded(extension.data().remaining());
    }
    return bytes;
  }

  /** Puts the extensions and the end mark. */
  static void encode(List<HeaderExtension> extensions, ByteBuffer cluster) {
    for (HeaderExtension extension : extensions) {
      ByteBuffer data = extension.data();
      int length = data.remaining();
      cluster.putInt(extension.type()).putInt(length).put(data);
      cluster.position(cluster.position() + padded(length) - length);
    }
    cluster.putInt(HeaderExtension.END).putInt(0);
  }

  private static int padded(int bytes) {
    return (bytes + 7) & -8;
  }
}

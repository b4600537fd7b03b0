package dev.platter.qcow2;

import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Supplier;

/**
 * What the fields of a header may hold. The checks are made in QEMU's order and in its words, so
 * that an image with several faults is refused for the same one.
 */
final class HeaderRules {
  static final int MAXIMUM_L1_BYTES = 32 << 20;
  static final long MAXIMUM_L1_ENTRIES = MAXIMUM_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES;
  static final int MAXIMUM_REFCOUNT_TABLE_BYTES = 8 << 20;
  static final int MAXIMUM_SNAPSHOTS = 65536;

  /** The fixed part of an entry of the snapshot table. */
  private static final int SNAPSHOT_ENTRY_BYTES = 40;

  private static final int SMALLEST_EXTENDED_CLUSTER_BITS = 14;

  private final String imageName;
  private final boolean mendable;

  /**
   * @param mendable whether an image passes that cannot be opened but mended: one without a
   *     refcount table, or with too many snapshots
   */
  HeaderRules(String imageName, boolean mendable) {
    this.imageName = imageName;
    this.mendable = mendable;
  }

  ImageFormatException refusal(String what) {
    return new ImageFormatException(imageName, what);
  }

  void checkMagicAndVersion(int magic, int version)
      throws ImageFormatException, UnsupportedFeatureException {
    if (magic != HeaderCodec.MAGIC) {
      throw refusal("Image is not in qcow2 format");
    }
    if (version != 2 && version != 3) {
      throw unsupported("Unsupported qcow2 version " + Integer.toUnsignedString(version));
    }
  }

  void checkClusterBits(int clusterBits) throws ImageFormatException {
    if (clusterBits < ClusterGeometry.MINIMUM_CLUSTER_BITS
        || clusterBits > ClusterGeometry.MAXIMUM_CLUSTER_BITS) {
      throw refusal("Unsupported cluster size: 2^" + Integer.toUnsignedString(clusterBits));
    }
  }

  void checkHeaderLength(int version, int headerLength, int clusterBits)
      throws ImageFormatException {
    long bytes = Integer.toUnsignedLong(headerLength);
    if (version >= 3 && bytes < HeaderCodec.V3_BYTES) {
      throw refusal("qcow2 header too short");
    }
    if (bytes > 1L << clusterBits) {
      throw refusal("qcow2 header exceeds cluster size");
    }
  }

  void checkBackingFileOffset(long offset, int clusterBits) throws ImageFormatException {
    if (offset < 0 || offset > 1L << clusterBits) {
      throw refusal("Invalid backing file offset");
    }
  }

  void checkCompressionType(int type, FeatureBits features) throws ImageFormatException {
    if (type != Qcow2Header.COMPRESSION_DEFLATE && !features.compressionType()) {
      throw refusal("qcow2: Compression type incompatible feature bit must be set");
    }
    if (type == Qcow2Header.COMPRESSION_DEFLATE && features.compressionType()) {
      throw refusal("qcow2: Compression type incompatible feature bit must not be set");
    }
    if (type > Qcow2Header.COMPRESSION_ZSTD) {
      throw refusal("qcow2: unknown compression type: " + type);
    }
  }

  void checkFeatures(
      FeatureBits features, int clusterBits, Supplier<List<HeaderExtension.FeatureName>> names)
      throws ImageFormatException, UnsupportedFeatureException {
    long unknown = features.incompatible() & ~FeatureBits.KNOWN_INCOMPATIBLE;
    if (unknown != 0) {
      throw unsupported("Unsupported qcow2 feature(s): " + describe(unknown, names.get()));
    }
    if (features.extendedL2() && clusterBits < SMALLEST_EXTENDED_CLUSTER_BITS) {
      throw refusal("Unsupported subcluster size: " + ((1 << clusterBits) / 32));
    }
  }

  void checkRefcountOrder(int order) throws ImageFormatException {
    if (order < 0 || order > ClusterGeometry.MAXIMUM_REFCOUNT_ORDER) {
      throw refusal("Reference count entry width too large; may not exceed 64 bits");
    }
  }

  void checkCryptMethod(int method) throws UnsupportedFeatureException {
    if (method < 0 || method > Qcow2Header.CRYPT_LUKS) {
      throw unsupported("Unsupported encryption method " + Integer.toUnsignedString(method));
    }
  }

  void checkTables(
      ClusterGeometry geometry,
      long size,
      TableLocation l1Table,
      TableLocation refcountTable,
      TableLocation snapshotTable)
      throws ImageFormatException {
    if (refcountTable.count() == 0 && !mendable) {
      throw refusal("Image does not contain a reference count table");
    }
    checkTable(
        "Reference count table",
        geometry,
        refcountTable,
        geometry.clusterBytes(),
        MAXIMUM_REFCOUNT_TABLE_BYTES);
    checkTable(
        "Snapshot table",
        geometry,
        snapshotTable,
        SNAPSHOT_ENTRY_BYTES,
        mendable ? Long.MAX_VALUE : (long) SNAPSHOT_ENTRY_BYTES * MAXIMUM_SNAPSHOTS);
    checkTable(
        "Active L1 table", geometry, l1Table, ClusterGeometry.TABLE_ENTRY_BYTES, MAXIMUM_L1_BYTES);
    checkSize(geometry, size, l1Table.count());
  }

  /** Lets a snapshot's L1 table be read by returning. */
  void checkSnapshotL1(ClusterGeometry geometry, TableLocation l1Table)
      throws ImageFormatException {
    checkTable(
        "Snapshot L1 table",
        geometry,
        l1Table,
        ClusterGeometry.TABLE_ENTRY_BYTES,
        MAXIMUM_L1_BYTES);
  }

  private void checkTable(
      String what, ClusterGeometry geometry, TableLocation table, long entryBytes, long limit)
      throws ImageFormatException {
    long count = Integer.toUnsignedLong(table.count());
    if (count > limit / entryBytes) {
      throw refusal(what + " too large");
    }
    long tableBytes = geometry.alignUp(count * entryBytes);
    if (Long.compareUnsigned(table.offset(), Long.MAX_VALUE - tableBytes) > 0
        || !geometry.aligned(table.offset())) {
      throw refusal(what + " offset invalid");
    }
  }

  private void checkSize(ClusterGeometry geometry, long size, int l1EntryCount)
      throws ImageFormatException {
    long needed = geometry.l1EntryCount(size); // wraps to 0 for the very greatest sizes
    if (needed > Integer.MAX_VALUE) {
      throw refusal("Image is too big");
    }
    if (l1EntryCount < needed) {
      throw refusal("L1 table is too small");
    }
    if (size < 0) {
      throw refusal("Could not refresh total sector count: File too large");
    }
  }

  void checkExtensions(Qcow2Header header) throws ImageFormatException {
    if (header.cryptMethod() == Qcow2Header.CRYPT_LUKS
        && header.extension(HeaderExtension.CryptoHeader.class).isEmpty()) {
      throw refusal("Missing CRYPTO header for crypt method " + header.cryptMethod());
    }
  }

  void checkBackingNameBytes(int length, int available) throws ImageFormatException {
    if (length < 0 || length > Math.min(HeaderCodec.MAXIMUM_BACKING_NAME_BYTES, available)) {
      throw refusal("Backing file name too long");
    }
  }

  /** A text of the header; bytes that are none would come to mean something else. */
  String text(String what, ByteBuffer bytes) throws ImageFormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw refusal(what + " is not valid UTF-8");
    }
  }

  void checkBackingName(String name) throws ImageFormatException {
    if (name.indexOf('\0') >= 0) {
      throw refusal("Backing file name contains a NUL character");
    }
  }

  private UnsupportedFeatureException unsupported(String what) {
    return new UnsupportedFeatureException(imageName + ": " + what);
  }

  private static String describe(long bits, List<HeaderExtension.FeatureName> names) {
    StringJoiner found = new StringJoiner(", ");
    long unnamed = bits;
    for (HeaderExtension.FeatureName name : names) {
      boolean meant =
          name.kind() == HeaderExtension.FeatureName.INCOMPATIBLE
              && name.bit() < Long.SIZE
              && (unnamed & 1L << name.bit()) != 0;
      if (meant) {
        found.add(name.name());
        unnamed &= ~(1L << name.bit());
      }
    }
    if (unnamed != 0) {
      found.add("Unknown incompatible feature: " + Long.toHexString(unnamed));
    }
    return found.toString();
  }
}

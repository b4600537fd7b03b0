package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Turns the first cluster of an image into a {@link Qcow2Header}, and back. */
final class HeaderCodec {
  static final int MAGIC = 0x5146_49fb;

  /** Bytes of the fields that version 2 has. */
  static final int V2_BYTES = 72;

  /** Bytes of the fields that every image of version 3 has. */
  static final int V3_BYTES = 104;

  /** Bytes of the fields in the images that we create. */
  static final int CREATED_BYTES = 112;

  /** The longest name of a backing file. */
  static final int MAXIMUM_BACKING_NAME_BYTES = 1023;

  private HeaderCodec() {}

  /**
   * Reads and validates a header. Reads nothing but the first cluster, whatever the fields say.
   *
   * @param imageName the image's name, for messages
   * @throws ImageFormatException if a field has a value that it must not have
   * @throws dev.platter.api.error.UnsupportedFeatureException if the image is of a version, or has
   *     an incompatible feature, that nobody here knows
   */
  static Qcow2Header decode(String imageName, ImageFile file) throws IOException {
    return decode(file, new HeaderRules(imageName, false));
  }

  /** The same, and accepts what cannot be opened, but can be checked and mended. */
  static Qcow2Header decodeToCheck(String imageName, ImageFile file) throws IOException {
    return decode(file, new HeaderRules(imageName, true));
  }

  private static Qcow2Header decode(ImageFile file, HeaderRules rules) throws IOException {
    ByteBuffer head = file.read(0, CREATED_BYTES);
    rules.checkMagicAndVersion(head.getInt(0), head.getInt(4));
    rules.checkClusterBits(head.getInt(20));
    int version = head.getInt(4);
    int clusterBits = head.getInt(20);
    int headerLength = version == 2 ? V2_BYTES : head.getInt(100);
    rules.checkHeaderLength(version, headerLength, clusterBits);
    long backingFileOffset = head.getLong(8);
    rules.checkBackingFileOffset(backingFileOffset, clusterBits);

    ByteBuffer cluster = file.read(0, 1 << clusterBits);
    FeatureBits features =
        version == 2
            ? FeatureBits.NONE
            : new FeatureBits(cluster.getLong(72), cluster.getLong(80), cluster.getLong(88));
    int compressionType = headerLength > V3_BYTES ? cluster.get(V3_BYTES) & 0xff : 0;
    rules.checkCompressionType(compressionType, features);
    ExtensionCodec extensions =
        new ExtensionCodec(
            rules,
            cluster.duplicate().position(headerLength).limit(extensionEnd(cluster)),
            features,
            cluster.getInt(32));
    rules.checkFeatures(features, clusterBits, extensions::featureNames);
    int refcountOrder = version == 2 ? 4 : cluster.getInt(96);
    rules.checkRefcountOrder(refcountOrder);
    rules.checkCryptMethod(cluster.getInt(32));

    TableLocation l1Table = new TableLocation(cluster.getLong(40), cluster.getInt(36));
    TableLocation refcountTable = new TableLocation(cluster.getLong(48), cluster.getInt(56));
    TableLocation snapshotTable = new TableLocation(cluster.getLong(64), cluster.getInt(60));
    ClusterGeometry geometry =
        new ClusterGeometry(clusterBits, refcountOrder, features.extendedL2());
    rules.checkTables(geometry, cluster.getLong(24), l1Table, refcountTable, snapshotTable);

    Qcow2Header header =
        new Qcow2Header(
            version,
            backingFileOffset,
            Optional.empty(),
            clusterBits,
            cluster.getLong(24),
            cluster.getInt(32),
            l1Table,
            refcountTable,
            snapshotTable,
            features,
            refcountOrder,
            headerLength,
            compressionType,
            unknownFields(cluster, headerLength),
            extensions.decode(geometry));
    rules.checkExtensions(header);
    return header.withBackingFileName(backingFileName(rules, cluster, clusterBits));
  }

  /**
   * The fixed fields alone, for a change of fields in place: they lie within the first 512 bytes,
   * so that a power cut leaves the old ones or the new ones. What the image holds behind them
   * stays.
   */
  static ByteBuffer encodeFields(Qcow2Header header) {
    ByteBuffer fields = ByteBuffer.allocate(header.version() == 2 ? V2_BYTES : V3_BYTES);
    fields.putInt(MAGIC).putInt(header.version());
    fields.putLong(header.backingFileOffset());
    fields.putInt(header.backingFileName().map(name -> utf8(name).length).orElse(0));
    fields.putInt(header.clusterBits()).putLong(header.size()).putInt(header.cryptMethod());
    fields.putInt(header.l1Table().count()).putLong(header.l1Table().offset());
    fields.putLong(header.refcountTable().offset()).putInt(header.refcountTable().count());
    fields.putInt(header.snapshotTable().count()).putLong(header.snapshotTable().offset());
    if (header.version() >= 3) {
      FeatureBits features = header.features();
      fields.putLong(features.incompatible()).putLong(features.compatible());
      fields.putLong(features.autoclear());
      fields.putInt(header.refcountOrder()).putInt(header.headerLength());
    }
    return fields.flip();
  }

  /**
   * The whole first cluster: fields, extensions, and the backing file's name behind them.
   *
   * @return the cluster, and in it the place that the name was given
   * @throws BlockIoException with ENOSPC if it does not fit into a cluster
   */
  static ByteBuffer encode(String imageName, Qcow2Header header) throws BlockIoException {
    ByteBuffer cluster = ByteBuffer.allocate(1 << header.clusterBits());
    byte[] name = header.backingFileName().map(HeaderCodec::utf8).orElse(new byte[0]);
    int nameOffset = header.headerLength() + ExtensionCodec.encodedBytes(header.extensions());
    if (nameOffset + name.length > cluster.capacity()) {
      throw new BlockIoException(imageName, "write the header", Errno.ENOSPC);
    }
    Qcow2Header placed = header.withBackingFileOffset(name.length == 0 ? 0 : nameOffset);
    cluster.put(encodeFields(placed));
    if (header.headerLength() > V3_BYTES) {
      cluster.put((byte) header.compressionType()).put(header.unknownFields());
    }
    cluster.position(header.headerLength());
    ExtensionCodec.encode(header.extensions(), cluster);
    cluster.put(name);
    return cluster.clear();
  }

  private static int extensionEnd(ByteBuffer cluster) {
    long backingFileOffset = cluster.getLong(8);
    return backingFileOffset == 0 ? cluster.capacity() : (int) backingFileOffset;
  }

  private static ByteBuffer unknownFields(ByteBuffer cluster, int headerLength) {
    int start = Math.min(V3_BYTES + 1, headerLength);
    return ByteBuffer.allocate(headerLength - start)
        .put(cluster.slice(start, headerLength - start))
        .flip();
  }

  private static Optional<String> backingFileName(
      HeaderRules rules, ByteBuffer cluster, int clusterBits) throws ImageFormatException {
    int offset = (int) cluster.getLong(8);
    int length = cluster.getInt(16);
    if (offset == 0) {
      return Optional.empty();
    }
    rules.checkBackingNameBytes(length, (1 << clusterBits) - offset);
    if (length == 0) {
      return Optional.empty();
    }
    String name = rules.text("Backing file name", cluster.slice(offset, length));
    rules.checkBackingName(name);
    return Optional.of(name);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

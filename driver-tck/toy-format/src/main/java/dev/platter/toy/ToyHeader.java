package dev.platter.toy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Ranges;
import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/**
 * The first sector of an image. Numbers are big-endian.
 *
 * <pre>
 *   0  u64  magic "toydisk\n"
 *   8  u32  version: 1
 *  12  u32  clusterBits: 9 to 21
 *  16  u64  virtual size in bytes
 *  24  u16  length of the backing file's name in bytes; 0 if there is none
 *  26  u16  length of the backing file's format name in bytes; 0 if it is not known
 *  28       the name, then the format name, in UTF-8
 * 512  u32  the table, one entry for each cluster; the first cluster follows, aligned
 * </pre>
 *
 * <p>Decoding validates everything once: a header that exists is acceptable, its table is at most
 * {@link #MAX_TABLE_BYTES} long and nothing computed from it overflows.
 *
 * @param clusterBits base-2 logarithm of the cluster size
 * @param sizeBytes the virtual size
 * @param backing the backing file, if there is one
 */
record ToyHeader(int clusterBits, long sizeBytes, Optional<BackingReference> backing) {
  static final long MAGIC = 0x746f796469736b0aL;
  static final int HEADER_BYTES = 512;
  static final int MIN_CLUSTER_BITS = 9;
  static final int MAX_CLUSTER_BITS = 21;
  static final int MAX_TABLE_BYTES = 16 << 20;

  private static final int VERSION = 1;
  private static final int NAME_OFFSET = 28;

  /** Reads and validates the header of an image. */
  static ToyHeader read(BlockNode file, String image) throws IOException {
    if (file.size() < HEADER_BYTES) {
      throw new ImageFormatException(image, "Image is not in toy format: it is too short");
    }
    byte[] sector = new byte[HEADER_BYTES];
    file.read(0, sector);
    ToyHeader header = decode(ByteBuffer.wrap(sector), image);
    if (header.dataOffset() > file.size()) {
      throw new ImageFormatException(
          image,
          "table ends at 0x%x beyond the end of the file at 0x%x"
              .formatted(header.dataOffset(), file.size()));
    }
    return header;
  }

  private static ToyHeader decode(ByteBuffer sector, String image) throws ImageFormatException {
    if (sector.getLong(0) != MAGIC) {
      throw new ImageFormatException(image, "Image is not in toy format");
    }
    int version = sector.getInt(8);
    if (version != VERSION) {
      throw new ImageFormatException(
          image, "Unsupported toy version " + Integer.toUnsignedString(version));
    }
    int clusterBits = sector.getInt(12);
    if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
      throw new ImageFormatException(
          image, "Unsupported cluster size: 2^" + Integer.toUnsignedString(clusterBits));
    }
    long sizeBytes = sector.getLong(16);
    if (sizeBytes < 0 || sizeBytes > maxSizeBytes(clusterBits)) {
      throw new ImageFormatException(
          image,
          "Image is too big: %s bytes, at most %d with this cluster size"
              .formatted(Long.toUnsignedString(sizeBytes), maxSizeBytes(clusterBits)));
    }
    return new ToyHeader(clusterBits, sizeBytes, backing(sector, image));
  }

  private static Optional<BackingReference> backing(ByteBuffer sector, String image)
      throws ImageFormatException {
    int nameBytes = Short.toUnsignedInt(sector.getShort(24));
    int formatBytes = Short.toUnsignedInt(sector.getShort(26));
    if (NAME_OFFSET + nameBytes + formatBytes > HEADER_BYTES) {
      throw new ImageFormatException(image, "Backing file name too long");
    }
    if (nameBytes == 0) {
      return Optional.empty();
    }
    String name = text(sector, NAME_OFFSET, nameBytes, image);
    String format = text(sector, NAME_OFFSET + nameBytes, formatBytes, image);
    return Optional.of(
        new BackingReference(name, format.isEmpty() ? Optional.empty() : Optional.of(format)));
  }

  private static String text(ByteBuffer sector, int offset, int length, String image)
      throws ImageFormatException {
    try {
      String text = UTF_8.newDecoder().decode(sector.slice(offset, length)).toString();
      if (text.indexOf('\0') < 0) {
        return text;
      }
    } catch (CharacterCodingException e) {
      // Refused below, together with a name that holds a NUL.
    }
    throw new ImageFormatException(image, "Backing file name is not text");
  }

  /** The sector that {@link #read} reads back as this header. */
  ByteBuffer encode(String image) throws ImageFormatException {
    byte[] name = backing.map(BackingReference::fileName).orElse("").getBytes(UTF_8);
    byte[] format = backing.flatMap(BackingReference::formatName).orElse("").getBytes(UTF_8);
    if (NAME_OFFSET + name.length + format.length > HEADER_BYTES) {
      throw new ImageFormatException(image, "Backing file name too long");
    }
    return ByteBuffer.allocate(HEADER_BYTES)
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(clusterBits)
        .putLong(sizeBytes)
        .putShort((short) name.length)
        .putShort((short) format.length)
        .put(name)
        .put(format)
        .rewind();
  }

  /** The largest virtual size: as many clusters as a table may have entries. */
  static long maxSizeBytes(int clusterBits) {
    return ((long) MAX_TABLE_BYTES / Integer.BYTES) << clusterBits;
  }

  long clusterBytes() {
    return 1L << clusterBits;
  }

  /** Entries of the table: clusters of the virtual disk, a short last one included. */
  int entryCount() {
    return Math.toIntExact((sizeBytes + clusterBytes() - 1) >>> clusterBits);
  }

  /** Where the first cluster lies: behind the table, aligned. */
  long dataOffset() {
    return Ranges.alignUp(HEADER_BYTES + (long) entryCount() * Integer.BYTES, clusterBytes());
  }
}

package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One entry of the directory of persistent bitmaps (specification: "Bitmap directory entry").
 *
 * @param tableOffset where the bitmap's table begins
 * @param tableEntryCount entries of that table; each stands for a cluster of bits
 * @param flags as they stand in the image
 * @param granularityBits log2 of the guest bytes of one bit
 * @param name unique within the image
 */
record StoredBitmap(
    long tableOffset, int tableEntryCount, int flags, int granularityBits, String name) {
  /** Bits 9 to 55 of a table's entry: where a cluster of bits lies. */
  static final long TABLE_OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

  /** Bits that must be zero in an entry; of one without a cluster all but the lowest. */
  static final long TABLE_RESERVED_MASK = 0xff00_0000_0000_01feL;

  /** The flag of a bitmap that was being written to: its contents are not to be believed. */
  static final int IN_USE = 1;

  /** The flag of a bitmap that takes note of changes whenever the image is open for writing. */
  static final int AUTO = 2;

  static final int MAXIMUM_NAME_BYTES = 1023;
  static final int MINIMUM_GRANULARITY_BITS = 9;
  static final int MAXIMUM_GRANULARITY_BITS = 31;
  static final long MAXIMUM_BITMAP_BYTES = 512L << 20;

  private static final int KNOWN_FLAGS = 7;
  private static final int FIXED_BYTES = 24;
  private static final int KIND_DIRTY_TRACKING = 1;

  /**
   * Whether the table is of another size than a disk of this size needs. That of a bitmap in use
   * need not be right: the bitmap's contents are lost anyway.
   */
  boolean misfits(ClusterGeometry geometry, long diskBytes) {
    return (flags & IN_USE) == 0 && tableEntryCount != tableEntryCount(geometry, diskBytes);
  }

  /** How many entries the table of a disk of this size has. */
  long tableEntryCount(ClusterGeometry geometry, long diskBytes) {
    long bits = Math.ceilDiv(diskBytes, 1L << granularityBits);
    return geometry.clusterCount(Math.ceilDiv(bits, Byte.SIZE));
  }

  /** A copy with other flags. */
  StoredBitmap withFlags(int newFlags) {
    return new StoredBitmap(tableOffset, tableEntryCount, newFlags, granularityBits, name);
  }

  /** Bytes of a directory with bitmaps of these names. */
  static long directoryBytes(List<String> names) {
    return names.stream().mapToLong(StoredBitmap::entryBytes).sum();
  }

  /** The directory with these bitmaps; at position 0. */
  static ByteBuffer directory(List<StoredBitmap> bitmaps) {
    long bytes = directoryBytes(bitmaps.stream().map(StoredBitmap::name).toList());
    ByteBuffer directory = ByteBuffer.allocate(Math.toIntExact(bytes));
    for (StoredBitmap bitmap : bitmaps) {
      int end = directory.position() + (int) entryBytes(bitmap.name());
      byte[] name = bitmap.name().getBytes(StandardCharsets.UTF_8);
      directory.putLong(bitmap.tableOffset()).putInt(bitmap.tableEntryCount());
      directory.putInt(bitmap.flags()).put((byte) KIND_DIRTY_TRACKING);
      directory.put((byte) bitmap.granularityBits()).putShort((short) name.length).putInt(0);
      directory.put(name).position(end);
    }
    return directory.flip();
  }

  private static long entryBytes(String name) {
    return (FIXED_BYTES + name.getBytes(StandardCharsets.UTF_8).length + 7) & -8L;
  }

  /**
   * Reads the directory.
   *
   * @throws CorruptImageException if an entry is not acceptable
   */
  static List<StoredBitmap> readAll(
      String imageName, ImageFile file, ClusterGeometry geometry, HeaderExtension.Bitmaps where)
      throws IOException {
    ByteBuffer directory = file.read(where.directoryOffset(), (int) where.directoryBytes());
    List<StoredBitmap> bitmaps = new ArrayList<>();
    for (int i = 0; i < where.bitmapCount(); i++) {
      bitmaps.add(readOne(imageName, directory, geometry));
    }
    if (directory.hasRemaining()) {
      throw damaged(imageName);
    }
    return bitmaps;
  }

  private static StoredBitmap readOne(
      String imageName, ByteBuffer directory, ClusterGeometry geometry)
      throws CorruptImageException {
    if (directory.remaining() < FIXED_BYTES) {
      throw damaged(imageName);
    }
    long tableOffset = directory.getLong();
    long tableEntryCount = Integer.toUnsignedLong(directory.getInt());
    int flags = directory.getInt();
    int kind = directory.get();
    int granularityBits = directory.get();
    int nameBytes = directory.getShort() & 0xffff;
    int extraBytes = directory.getInt();
    int padding = -(FIXED_BYTES + nameBytes) & 7;
    boolean acceptable =
        kind == KIND_DIRTY_TRACKING
            && granularityBits >= MINIMUM_GRANULARITY_BITS
            && granularityBits <= MAXIMUM_GRANULARITY_BITS
            && nameBytes > 0
            && nameBytes <= MAXIMUM_NAME_BYTES
            && extraBytes == 0
            && nameBytes + padding <= directory.remaining()
            && tableEntryCount <= MAXIMUM_BITMAP_BYTES / geometry.clusterBytes()
            && tableEntryCount > 0
            && (flags & ~KNOWN_FLAGS) == 0
            && tableOffset > 0
            && geometry.aligned(tableOffset);
    if (!acceptable) {
      throw damaged(imageName);
    }
    byte[] bytes = new byte[nameBytes];
    directory.get(bytes).position(directory.position() + padding);
    String name = new String(bytes, StandardCharsets.UTF_8);
    if (!Arrays.equals(name.getBytes(StandardCharsets.UTF_8), bytes)) {
      throw damaged(imageName); // it could not be written back as it is
    }
    return new StoredBitmap(tableOffset, (int) tableEntryCount, flags, granularityBits, name);
  }

  private static CorruptImageException damaged(String imageName) {
    return new CorruptImageException(imageName, "Broken bitmap directory");
  }
}

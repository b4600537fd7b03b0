package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bits of a bitmap as the image holds them: a table whose entries each stand for a cluster of
 * bits (specification: "Bitmap table", "Bitmap data").
 *
 * <p>Nothing of a table is believed: what an entry may not be is refused when it is read.
 */
final class BitmapBits {
  private static final long ALL_ONES = 1;

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final StoredBitmap stored;
  private final long bitCount;
  private final long[] entries;

  /**
   * Reads the table.
   *
   * @param bitCount how many of the bits count; those behind are 0
   */
  BitmapBits(
      String imageName,
      ImageFile file,
      ClusterGeometry geometry,
      StoredBitmap stored,
      long bitCount)
      throws IOException {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.stored = stored;
    this.bitCount = bitCount;
    this.entries = new long[stored.tableEntryCount()];
    file.readWords(stored.tableOffset(), entries);
    for (long entry : entries) {
      check(entry);
    }
  }

  /** How many bits a cluster holds. */
  static long bitsPerCluster(ClusterGeometry geometry) {
    return (long) Byte.SIZE << geometry.clusterBits();
  }

  int entryCount() {
    return entries.length;
  }

  /** An entry as it stands in the table; 0 behind its end. */
  long entry(int index) {
    return index < entries.length ? entries[index] : 0;
  }

  /** Where the cluster of an entry lies; 0 if it has none. */
  long clusterOffset(int index) {
    return entry(index) & StoredBitmap.TABLE_OFFSET_MASK;
  }

  /**
   * Reads the bits of an entry.
   *
   * @param bits a cluster's bytes, all 0; bit 0 is the lowest of the first byte
   */
  void read(int index, byte[] bits) throws IOException {
    long first = index * bitsPerCluster(geometry);
    int count = (int) Math.clamp(bitCount - first, 0, bitsPerCluster(geometry));
    if (count == 0 || entry(index) == 0) {
      return;
    }
    if (clusterOffset(index) == 0) {
      Arrays.fill(bits, (byte) 0xff);
    } else {
      ByteBuffer cluster = file.read(clusterOffset(index), bits.length);
      cluster.get(bits);
    }
    clearFrom(bits, count);
  }

  private static void clearFrom(byte[] bits, int count) {
    int whole = Math.ceilDiv(count, Byte.SIZE);
    if (count % Byte.SIZE != 0) {
      bits[whole - 1] &= (byte) ((1 << count % Byte.SIZE) - 1);
    }
    Arrays.fill(bits, whole, bits.length, (byte) 0);
  }

  private void check(long entry) throws CorruptImageException {
    long offset = entry & StoredBitmap.TABLE_OFFSET_MASK;
    boolean acceptable =
        (entry & StoredBitmap.TABLE_RESERVED_MASK) == 0
            && geometry.aligned(offset)
            && (offset == 0 || (entry & ALL_ONES) == 0);
    if (!acceptable) {
      throw new CorruptImageException(
          imageName, "Could not read bitmap '%s' from image".formatted(stored.name()));
    }
  }
}

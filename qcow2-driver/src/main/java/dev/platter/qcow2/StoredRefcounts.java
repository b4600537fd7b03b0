package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * The refcounts as they stand in an image, for a check: one refcount block in memory at a time.
 *
 * <p>Threads: one.
 */
final class StoredRefcounts {
  /** Bits 9 to 63 of a refcount table entry. */
  static final long OFFSET_MASK = 0xffff_ffff_ffff_fe00L;

  /** Files cannot be longer: what an entry names behind this is not merely missing. */
  private static final long LARGEST_FILE_BYTES = Long.MAX_VALUE - (1 << 30);

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final LongBuffer table;

  private ByteBuffer block = ByteBuffer.allocate(0);
  private long blockOffset;
  private boolean blockDirty;

  StoredRefcounts(ImageFile file, ClusterGeometry geometry, TableLocation location)
      throws IOException {
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.table =
        file.read(location.offset(), Math.multiplyExact(location.count(), geometry.clusterBytes()))
            .asLongBuffer();
  }

  /** Entries of the refcount table. */
  int tableEntryCount() {
    return table.capacity();
  }

  /** A word of the refcount table. */
  long tableEntry(int index) {
    return table.get(index);
  }

  /** Whether a cluster's refcount can be read: whether its block lies where one can. */
  boolean readable(long cluster) {
    long offset = blockOffset(cluster);
    return geometry.aligned(offset) && offset >= 0 && offset < LARGEST_FILE_BYTES;
  }

  /** Whether there is a block that holds the cluster's refcount; without one it is zero. */
  boolean stored(long cluster) {
    return blockOffset(cluster) != 0;
  }

  /**
   * The end of the last clusters before this one for which there is a block; 0 if there is none.
   */
  long storedBefore(long cluster) {
    long index = Math.min(geometry.refcountTableIndex(cluster - 1), table.capacity());
    while (index > 0 && (table.get((int) index - 1) & OFFSET_MASK) == 0) {
      index--;
    }
    return index << geometry.refcountBlockBits();
  }

  /** A cluster's refcount, which must be readable; of 64 bits as an unsigned number. */
  long get(long cluster) throws IOException {
    return stored(cluster) ? width.get(blockOf(cluster), geometry.refcountBlockIndex(cluster)) : 0;
  }

  /** Changes a refcount, which must be stored; written with {@link #write}. */
  void set(long cluster, long refcount) throws IOException {
    width.set(blockOf(cluster), geometry.refcountBlockIndex(cluster), refcount);
    blockDirty = true;
  }

  /** Writes what was changed. */
  void write() throws IOException {
    if (blockDirty) {
      file.write(blockOffset, block.duplicate().clear());
      blockDirty = false;
    }
  }

  private long blockOffset(long cluster) {
    long index = geometry.refcountTableIndex(cluster);
    return index < table.capacity() ? table.get((int) index) & OFFSET_MASK : 0;
  }

  private ByteBuffer blockOf(long cluster) throws IOException {
    long offset = blockOffset(cluster);
    if (offset != blockOffset) {
      write();
      block = file.read(offset, geometry.clusterBytes());
      blockOffset = offset;
    }
    return block;
  }
}

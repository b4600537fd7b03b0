package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * The refcounts as they stand in an image, for a check: slices of refcount blocks in memory, few
 * enough for any image, and enough that tables which name clusters here and there do not cost a
 * block for each.
 *
 * <p>Threads: one.
 */
final class StoredRefcounts {
  /** Bits 9 to 63 of a refcount table entry. */
  static final long OFFSET_MASK = 0xffff_ffff_ffff_fe00L;

  /** Files cannot be longer: what an entry names behind this is not merely missing. */
  private static final long LARGEST_FILE_BYTES = Long.MAX_VALUE - (1 << 30);

  private static final int SLICES = 1024;
  private static final int SLICE_BYTES = 4096;

  /** A part of a refcount block in memory. */
  private static final class Slice {
    final long offset;
    final ByteBuffer bytes;
    boolean dirty;

    Slice(long offset, ByteBuffer bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final LongBuffer table;

  private final int sliceBytes;
  private final int sliceRefcountBits;
  private final Slice[] slices = new Slice[SLICES];

  StoredRefcounts(ImageFile file, ClusterGeometry geometry, TableLocation location)
      throws IOException {
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.sliceBytes = Math.min(SLICE_BYTES, geometry.clusterBytes());
    this.sliceRefcountBits =
        Integer.numberOfTrailingZeros(sliceBytes * Byte.SIZE) - geometry.refcountOrder();
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
   * The first cluster from this one on of which {@link #stored} is true; else the largest number.
   */
  long nextStored(long cluster) {
    if (stored(cluster)) {
      return cluster;
    }
    for (long i = geometry.refcountTableIndex(cluster) + 1; i < table.capacity(); i++) {
      if ((table.get((int) i) & OFFSET_MASK) != 0) {
        return i << geometry.refcountBlockBits();
      }
    }
    return Long.MAX_VALUE;
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
    return stored(cluster) ? width.get(sliceOf(cluster).bytes, indexInSlice(cluster)) : 0;
  }

  /** Changes a refcount, which must be stored; written with {@link #write}. */
  void set(long cluster, long refcount) throws IOException {
    if (!stored(cluster)) { // the slice would lie over the header
      throw new IllegalStateException("no block counts cluster " + cluster);
    }
    Slice slice = sliceOf(cluster);
    width.set(slice.bytes, indexInSlice(cluster), refcount);
    slice.dirty = true;
  }

  /** Writes what was changed. */
  void write() throws IOException {
    for (Slice slice : slices) {
      write(slice);
    }
  }

  private void write(Slice slice) throws IOException {
    if (slice != null && slice.dirty) {
      file.write(slice.offset, slice.bytes.duplicate().clear());
      slice.dirty = false;
    }
  }

  private long blockOffset(long cluster) {
    long index = geometry.refcountTableIndex(cluster);
    return index < table.capacity() ? table.get((int) index) & OFFSET_MASK : 0;
  }

  private int indexInSlice(long cluster) {
    return geometry.refcountBlockIndex(cluster) & ((1 << sliceRefcountBits) - 1);
  }

  private Slice sliceOf(long cluster) throws IOException {
    int sliceIndex = geometry.refcountBlockIndex(cluster) >>> sliceRefcountBits;
    long offset = blockOffset(cluster) + (long) sliceIndex * sliceBytes;
    int slot = (int) (offset / sliceBytes) & (SLICES - 1);
    Slice slice = slices[slot];
    if (slice == null || slice.offset != offset) {
      write(slice);
      slice = new Slice(offset, file.read(offset, sliceBytes));
      slices[slot] = slice;
    }
    return slice;
  }
}

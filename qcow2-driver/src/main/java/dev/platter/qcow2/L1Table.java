package dev.platter.qcow2;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The active L1 table, in memory as a whole once something of it was needed.
 *
 * <p>Threads: reading by any number, without a lock; {@link #set} and the dirty entries under the
 * metadata lock.
 */
final class L1Table {
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final TableLocation location;
  private final Corruption corruption;
  private final BitSet dirty = new BitSet();
  private volatile AtomicLongArray entries;

  L1Table(ImageFile file, ClusterGeometry geometry, TableLocation location, Corruption corruption) {
    this.file = file;
    this.geometry = geometry;
    this.location = location;
    this.corruption = corruption;
  }

  /** How many entries there are. */
  int entryCount() {
    return location.count();
  }

  /** Where an entry stands in the image. */
  long entryOffset(int index) {
    return location.offset() + (long) index * Long.BYTES;
  }

  /** The entry's word. */
  long entry(int index) throws IOException {
    return entries().get(index);
  }

  /**
   * Where the L2 table of an entry begins; 0 if there is none.
   *
   * @throws dev.platter.api.error.CorruptImageException if it is not where a table can be
   */
  long tableOffset(int index) throws IOException {
    long offset = L1Entry.tableOffset(entry(index));
    if (!geometry.aligned(offset)) {
      throw corruption.fatal(
          "L2 table offset %#x unaligned (L1 index: %s)".formatted(offset, Corruption.hex(index)));
    }
    return offset;
  }

  /** The first entry at or behind {@code index} that has an L2 table, or the end. */
  int nextAllocated(int index, int end) throws IOException {
    AtomicLongArray all = entries();
    int next = index;
    while (next < end && L1Entry.tableOffset(all.getPlain(next)) == 0) {
      next++;
    }
    return next;
  }

  /** Changes an entry in memory and marks it dirty. It must have been read before. */
  void set(int index, long entry) {
    entries.set(index, entry);
    dirty.set(index);
  }

  /** Entries that the image does not hold yet; live. */
  BitSet dirty() {
    return dirty;
  }

  private AtomicLongArray entries() throws IOException {
    AtomicLongArray loaded = entries;
    return loaded == null ? load() : loaded;
  }

  private synchronized AtomicLongArray load() throws IOException {
    if (entries == null) {
      long[] words = new long[location.count()];
      file.read(location.offset(), Math.multiplyExact(words.length, Long.BYTES))
          .asLongBuffer()
          .get(words);
      entries = new AtomicLongArray(words);
    }
    return entries;
  }
}

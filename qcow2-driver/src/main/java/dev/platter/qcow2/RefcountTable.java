package dev.platter.qcow2;

import java.io.IOException;
import java.util.BitSet;

/**
 * The refcount table, in memory as a whole once something of it was needed: where the refcount
 * blocks lie.
 *
 * <p>Threads: under the metadata lock, but for {@link #entry} before anything was changed.
 */
final class RefcountTable {
  /** How far the image knows where the table lies. */
  enum Place {
    /** The header names it. */
    NAMED,
    /** It is in the file, durably, but for dirty entries; the header may still name the old one. */
    WRITTEN,
    /** The table has moved, and nothing of it is in the file yet. */
    NEW
  }

  /** Bits 9 to 63: where the refcount block begins; 0 where there is none. */
  static final long OFFSET_MASK = 0xffff_ffff_ffff_fe00L;

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final BitSet dirty = new BitSet();
  private TableLocation location;
  private volatile long[] entries;
  private Place place = Place.NAMED;

  RefcountTable(ImageFile file, ClusterGeometry geometry, TableLocation location) {
    this.file = file;
    this.geometry = geometry;
    this.location = location;
  }

  /** Where an entry's refcount block begins, 0 if there is none. Not checked for alignment. */
  static long blockOffset(long entry) {
    return entry & OFFSET_MASK;
  }

  /** Where the table lies; its count is in clusters. */
  TableLocation location() {
    return location;
  }

  /** How many refcount blocks the table can name. */
  int entryCount() {
    return location.count() << (geometry.clusterBits() - 3);
  }

  /** Where an entry stands in the image, once the image names the table. */
  long entryOffset(long index) {
    return location.offset() + index * Long.BYTES;
  }

  /** The entry's word; 0 behind the end of the table. */
  long entry(long index) throws IOException {
    return index < entryCount() ? entries()[(int) index] : 0;
  }

  /** Makes room, so that {@link #set} allocates nothing for entries up to this one. */
  void reserve(int index) {
    boolean was = dirty.get(index);
    dirty.set(index);
    dirty.set(index, was);
  }

  /** Changes an entry in memory and marks it dirty. */
  void set(int index, long blockOffset) throws IOException {
    long[] all = entries();
    dirty.set(index);
    all[index] = blockOffset;
  }

  /** Moves the table to a larger place: it is then written as a whole, and named by the header. */
  void move(TableLocation larger) throws IOException {
    long[] grown = new long[larger.count() << (geometry.clusterBits() - 3)];
    System.arraycopy(entries(), 0, grown, 0, entries().length);
    entries = grown;
    location = larger;
    place = Place.NEW;
  }

  /** Entries that the image does not hold yet; live. */
  BitSet dirty() {
    return dirty;
  }

  /** How far the image knows where the table lies. */
  Place place() {
    return place;
  }

  void place(Place reached) {
    place = reached;
  }

  /** All entries; live. */
  long[] entries() throws IOException {
    long[] loaded = entries;
    return loaded == null ? load() : loaded;
  }

  private synchronized long[] load() throws IOException {
    if (entries == null) {
      long[] words = new long[entryCount()];
      file.announce("reftable_load");
      file.readWords(location.offset(), words);
      entries = words;
    }
    return entries;
  }
}

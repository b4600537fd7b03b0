package dev.platter.qcow2;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The active L1 table, in memory once something of it was needed: up to its last entry that is not
 * zero, so that an overlay that holds nothing costs nothing.
 *
 * <p>Threads: reading by any number, without a lock; {@link #set} and the dirty entries under the
 * metadata lock.
 */
final class L1Table {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final TableLocation location;
  private final Corruption corruption;
  private final BitSet dirty = new BitSet();

  /** The entries that are in memory; those behind them are zero. */
  private volatile long[] entries;

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
    long[] known = entries();
    return index < known.length ? (long) ENTRY.getAcquire(known, index) : 0;
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
    long[] known = entries();
    int knownEnd = Math.min(end, known.length);
    for (int next = index; next < knownEnd; next++) {
      if (L1Entry.tableOffset(known[next]) != 0) {
        return next;
      }
    }
    return end;
  }

  /** Behind the last entry before {@code index} that has an L2 table, or {@code least}. */
  int endOfAllocated(int least, int index) throws IOException {
    long[] known = entries();
    int end = Math.max(least, Math.min(index, known.length));
    while (end > least && L1Entry.tableOffset(known[end - 1]) == 0) {
      end--;
    }
    return end;
  }

  /** Changes an entry in memory and marks it dirty. It must have been read before. */
  void set(int index, long entry) {
    long[] known = entries;
    if (index >= known.length) {
      known = Arrays.copyOf(known, location.count());
      entries = known;
    }
    dirty.set(index); // may take memory, and so comes first
    ENTRY.setRelease(known, index, entry);
  }

  /** Entries that the image does not hold yet; live. */
  BitSet dirty() {
    return dirty;
  }

  private long[] entries() throws IOException {
    long[] loaded = entries;
    return loaded == null ? load() : loaded;
  }

  private synchronized long[] load() throws IOException {
    if (entries == null) {
      long inFile = Math.ceilDiv(file.node().size() - location.offset(), Long.BYTES);
      long[] words = new long[Math.clamp(inFile, 0, location.count())];
      file.readWords(location.offset(), words);
      int end = words.length;
      while (end > 0 && words[end - 1] == 0) {
        end--;
      }
      entries = end == words.length ? words : Arrays.copyOf(words, end);
    }
    return entries;
  }
}

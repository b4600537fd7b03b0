package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;

/**
 * Which L2 tables a walk through L1 tables has seen, so that an image that names one table a
 * million times is walked as soon as one that names it once.
 *
 * <ul>
 *   <li>I1. A table is walked when it is named for the first time; what is known to be zeros need
 *       not be.
 *   <li>I2. It is walked again, in order, as long as all repetitions together stay within {@link
 *       #REPEATED_BYTES}; afterwards it is only counted how often it is named, and {@link #settle}
 *       walks it once for all of them.
 *   <li>I3. Tables that are not aligned are not remembered. An image with more of them than {@link
 *       #UNALIGNED_BYTES} is refused.
 * </ul>
 *
 * <p>Threads: one.
 */
final class TableVisits {
  /** Looks at a table. */
  interface Visitor {
    /**
     * Looks at one table.
     *
     * @param l2Offset where the table begins
     * @param times how many entries name it that nobody has accounted for
     */
    void visit(long l2Offset, long times) throws IOException;
  }

  private static final long REPEATED_BYTES = 16 << 20;
  private static final long UNALIGNED_BYTES = 256 << 20;
  private static final long HOLE_BYTES = 256 << 20;

  /** What fits in memory; an image with more tables than an L1 table can name has snapshots. */
  private static final int MAXIMUM_TABLES = 1 << 22;

  private static final int INITIAL_CAPACITY = 64;

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private long repeatedBytes = REPEATED_BYTES;
  private long unalignedBytes = UNALIGNED_BYTES;
  private long holeOffset;
  private long holeEnd;

  /** Open addressing, linear probing: cluster index + 1, and how often it is to be settled. */
  private int[] keys = new int[INITIAL_CAPACITY];

  private int[] postponed = new int[INITIAL_CAPACITY];
  private int tableCount;

  TableVisits(String imageName, ImageFile file, ClusterGeometry geometry) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
  }

  /**
   * Notes that entries name a table.
   *
   * @return whether it is to be walked now, for these entries
   * @throws CorruptImageException if too many tables are not aligned
   */
  boolean due(long l2Offset, long times) throws IOException {
    if (!geometry.aligned(l2Offset)) {
      return !empty(l2Offset) && dueUnaligned();
    }
    long cluster = geometry.clusterIndex(l2Offset);
    if (cluster >= Integer.MAX_VALUE) {
      return false; // behind the end of every file that is checked
    }
    int key = (int) cluster + 1;
    int slot = find(key);
    if (keys[slot] == 0) {
      boolean due = !empty(l2Offset);
      if (due) {
        remember(slot, key);
      }
      return due;
    }
    if (repeatedBytes >= geometry.clusterBytes()) {
      repeatedBytes -= geometry.clusterBytes();
      return true;
    }
    postponed[slot] = (int) Math.min(Integer.MAX_VALUE, postponed[slot] + times);
    return false;
  }

  private boolean dueUnaligned() throws CorruptImageException {
    unalignedBytes -= geometry.clusterBytes();
    if (unalignedBytes < 0) {
      throw new CorruptImageException(imageName, "Too many L2 tables are not cluster aligned");
    }
    return true;
  }

  /** Walks each table that was named again and not walked, once. */
  void settle(Visitor visitor) throws IOException {
    for (int slot = 0; slot < keys.length; slot++) {
      if (postponed[slot] != 0) {
        int times = postponed[slot];
        postponed[slot] = 0;
        visitor.visit(geometry.clusterOffset(keys[slot] - 1L), times);
      }
    }
  }

  /** Whether nothing but zeros is there. */
  private boolean empty(long l2Offset) throws IOException {
    long end = l2Offset + geometry.clusterBytes();
    if (l2Offset < holeOffset || end > holeEnd) {
      holeOffset = l2Offset;
      holeEnd = l2Offset + file.zeros(l2Offset, HOLE_BYTES);
    }
    return end <= holeEnd;
  }

  private void remember(int slot, int key) {
    if (tableCount == MAXIMUM_TABLES) {
      return;
    }
    keys[slot] = key;
    tableCount++;
    if (2 * tableCount > keys.length) {
      grow();
    }
  }

  private void grow() {
    int[] oldKeys = keys;
    int[] oldPostponed = postponed;
    keys = new int[2 * oldKeys.length];
    postponed = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = find(oldKeys[i]);
        keys[slot] = oldKeys[i];
        postponed[slot] = oldPostponed[i];
      }
    }
  }

  /** The slot of a key, or the free slot where it would go. */
  private int find(int key) {
    int slot = (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 32) & (keys.length - 1);
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }
}

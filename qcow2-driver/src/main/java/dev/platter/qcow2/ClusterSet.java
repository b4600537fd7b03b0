package dev.platter.qcow2;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A set of cluster indexes: open addressing, linear probing.
 *
 * <p>Threads: {@link #contains} by any number, without a lock; it may miss what is being added. The
 * rest by one thread at a time.
 */
final class ClusterSet {
  private static final long FREE = 0;
  private static final long REMOVED = -1;
  private static final int INITIAL_CAPACITY = 64;

  private volatile AtomicLongArray slots = new AtomicLongArray(INITIAL_CAPACITY);
  private int occupied;

  /** Whether the index is in the set. */
  boolean contains(long clusterIndex) {
    AtomicLongArray table = slots;
    return table.getOpaque(find(table, clusterIndex + 1)) != FREE;
  }

  /** Adds an index, not negative. */
  void add(long clusterIndex) {
    if (2 * (occupied + 1) > slots.length()) {
      grow();
    }
    put(slots, clusterIndex + 1);
  }

  /** Removes an index, if it is in the set. */
  void remove(long clusterIndex) {
    int slot = find(slots, clusterIndex + 1);
    if (slots.getPlain(slot) != FREE) {
      slots.setOpaque(slot, REMOVED);
    }
  }

  private void put(AtomicLongArray table, long key) {
    int slot = find(table, key);
    if (table.getPlain(slot) == FREE) {
      table.setOpaque(slot, key);
      occupied++;
    }
  }

  private void grow() {
    AtomicLongArray old = slots;
    AtomicLongArray table = new AtomicLongArray(Math.multiplyExact(old.length(), 2));
    occupied = 0;
    for (int i = 0; i < old.length(); i++) {
      long key = old.getPlain(i);
      if (key != FREE && key != REMOVED) {
        put(table, key);
      }
    }
    slots = table;
  }

  /** The slot of a key, or the free slot where it would go. */
  private static int find(AtomicLongArray table, long key) {
    int mask = table.length() - 1;
    int slot = (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 32) & mask;
    while (true) {
      long found = table.getOpaque(slot);
      if (found == key || found == FREE) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }
}

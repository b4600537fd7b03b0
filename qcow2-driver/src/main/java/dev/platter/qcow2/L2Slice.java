package dev.platter.qcow2;

import java.nio.ByteBuffer;

/**
 * A decoded part of an L2 table: what the L2 cache holds.
 *
 * <p>Immutable, so that readers need no lock: a change makes another slice. The forms differ in how
 * they keep the entries, never in what the entries are: whatever word stands in the image, sound or
 * not, comes out as it went in. {@link SliceForm} chooses among them.
 */
sealed interface L2Slice
    permits EmptyL2Slice, RunsL2Slice, PackedL2Slice, RawL2Slice, SubclusterL2Slice {

  /** How many entries the slice has. */
  int entryCount();

  /**
   * The L2 entry at an index, as it stands in the image; of an extended entry the first word.
   *
   * @param index {@code 0 <= index < entryCount()}
   */
  long entry(int index);

  /** Words of one entry: two if entries are extended. */
  default int wordsPerEntry() {
    return 1;
  }

  /**
   * The second word of an extended entry: see {@link Subclusters}.
   *
   * @throws IllegalStateException if the image's entries are not extended
   */
  default long bitmap(int index) {
    throw new IllegalStateException("a standard L2 entry has no bitmap");
  }

  /**
   * How many entries from {@code index} on say the same of clusters that follow each other: each
   * {@link L2Entry#follows} the one before. Compressed clusters stand for themselves.
   *
   * @param maximum at most this many, at least 1; the slice's end bounds it too
   * @return at least 1
   */
  int run(int index, int maximum);

  /**
   * The first of the entries up to {@code index} that say nothing, in all of their words; behind
   * {@code index} if that one says something.
   */
  default int unallocatedStart(int index) {
    int start = index + 1;
    while (start > 0 && entry(start - 1) == 0) {
      start--;
    }
    return start;
  }

  /** Bytes of memory that the slice takes, the objects that it consists of included. */
  int heldBytes();

  /** The words of all entries, in an array of the caller's own. */
  default long[] words() {
    long[] entries = new long[entryCount()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = entry(i);
    }
    return entries;
  }

  /**
   * A slice in which the entries from {@code index} on are replaced. It is raw: a slice that
   * changes is likely to change again.
   *
   * @param replacements the words of at least one entry; they end within the slice
   */
  default L2Slice with(int index, long... replacements) {
    long[] changed = words();
    System.arraycopy(replacements, 0, changed, index, replacements.length);
    return new RawL2Slice(changed, clusterBits());
  }

  /** Puts the words of all entries, big-endian, as they stand in the image. */
  default void encode(ByteBuffer bytes) {
    for (int i = 0; i < entryCount(); i++) {
      bytes.putLong(entry(i));
    }
  }

  /** log2 of the cluster size. */
  int clusterBits();
}

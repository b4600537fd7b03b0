package dev.platter.qcow2;

import java.nio.ByteBuffer;

/**
 * A decoded part of an L2 table: what the L2 cache holds.
 *
 * <p>Immutable, so that readers need no lock: a change makes another slice. How the entries are
 * kept is an implementation's own affair; {@link #heldBytes()} is what the cache's budget pays for
 * it.
 */
interface L2Slice {

  /** How many entries the slice has. */
  int entryCount();

  /**
   * The L2 entry at an index, as it stands in the image.
   *
   * @param index {@code 0 <= index < entryCount()}
   */
  long entry(int index);

  /**
   * How many entries from {@code index} on say the same of clusters that follow each other: equal
   * entries where none has a host cluster, else equal flags and adjacent host clusters. Compressed
   * clusters stand for themselves.
   *
   * @param maximum at most this many, at least 1; the slice's end bounds it too
   * @return at least 1
   */
  int run(int index, int maximum);

  /** Bytes of memory that the entries take. */
  int heldBytes();

  /**
   * A slice in which the entries from {@code index} on are replaced.
   *
   * @param entries at least one; they end within the slice
   */
  L2Slice with(int index, long... entries);

  /** Puts all entries, big-endian, as they stand in the image. */
  void encode(ByteBuffer bytes);
}

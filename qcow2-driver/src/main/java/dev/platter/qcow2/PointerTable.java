package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A table whose words say where other things of the image lie; L2 tables aside, whose words say
 * more.
 *
 * @param kind what it is
 * @param offset where it begins
 * @param bytes its length
 * @param places where in it the words stand, each a multiple of eight; for kinds all of whose words
 *     name something, empty
 */
record PointerTable(Kind kind, long offset, long bytes, List<Integer> places) {
  /** The bits of a word that are an offset, whatever the table. */
  static final long OFFSET_MASK = L1Entry.OFFSET_MASK;

  /** What a table is. */
  enum Kind {
    /** The first cluster, which stays where it is. */
    HEADER,
    /** An L1 table, the active one or a snapshot's: names L2 tables. */
    L1,
    /** Names refcount blocks. */
    REFCOUNTS,
    /** The snapshot table: names L1 tables. */
    SNAPSHOTS,
    /** The directory of bitmaps: names bitmaps' tables. */
    BITMAPS,
    /** A bitmap's table: names clusters of bits. */
    BITMAP,
    /** The header of the encryption, which names nothing. */
    ENCRYPTION;

    /** Whether each word names something. */
    boolean eachWord() {
      return this == L1 || this == REFCOUNTS || this == BITMAP;
    }

    /** Whether what it names is a cluster without words that name anything. */
    boolean namesContents() {
      return this == REFCOUNTS || this == BITMAP;
    }
  }

  PointerTable {
    places = List.copyOf(places);
  }

  /** A table all of whose words name something, or none. */
  static PointerTable of(Kind kind, long offset, long bytes) {
    return new PointerTable(kind, offset, bytes, List.of());
  }

  /** Takes words that name something. */
  @FunctionalInterface
  interface Pointers {
    /**
     * Takes a word.
     *
     * @param place where in the table it stands
     */
    void at(int place, long word) throws IOException;
  }

  /** Passes on the words of the table's contents that name something. */
  void forEachPointer(ByteBuffer contents, Pointers pointers) throws IOException {
    if (kind.eachWord()) {
      for (int place = 0; place + Long.BYTES <= contents.capacity(); place += Long.BYTES) {
        visit(contents, place, pointers);
      }
    } else {
      for (int place : places) {
        visit(contents, place, pointers);
      }
    }
  }

  private static void visit(ByteBuffer contents, int place, Pointers pointers) throws IOException {
    long word = contents.getLong(place);
    if ((word & OFFSET_MASK) != 0) {
      pointers.at(place, word);
    }
  }
}

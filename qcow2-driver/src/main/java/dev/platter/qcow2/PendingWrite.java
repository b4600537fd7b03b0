package dev.platter.qcow2;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;

/**
 * Metadata on its way to the file, as it was when it was cut. It is encoded when it is written: so
 * what waits takes no second copy of what is dirty.
 */
sealed interface PendingWrite {
  /** Where it goes. */
  long hostOffset();

  /** How many bytes it has. */
  int byteCount();

  /** Puts the bytes, as they are to stand in the file. */
  void encode(ByteBuffer bytes);

  /** Where it ends. */
  default long endOffset() {
    return hostOffset() + byteCount();
  }

  /** One entry of a table. */
  record Word(long hostOffset, long word) implements PendingWrite {
    @Override
    public int byteCount() {
      return Long.BYTES;
    }

    @Override
    public void encode(ByteBuffer bytes) {
      bytes.putLong(word);
    }
  }

  /**
   * Entries of a table that is written as a whole.
   *
   * @param words the entries, all remaining, which no longer change
   */
  record Words(long hostOffset, LongBuffer words) implements PendingWrite {
    @Override
    public int byteCount() {
      return words.remaining() * Long.BYTES;
    }

    @Override
    public void encode(ByteBuffer bytes) {
      for (int i = words.position(); i < words.limit(); i++) {
        bytes.putLong(words.get(i));
      }
    }
  }

  /** A part of an L2 table. */
  record Slice(long hostOffset, L2Slice slice) implements PendingWrite {
    @Override
    public int byteCount() {
      return slice.wordsPerEntry() * slice.entryCount() * Long.BYTES;
    }

    @Override
    public void encode(ByteBuffer bytes) {
      slice.encode(bytes);
    }
  }
}

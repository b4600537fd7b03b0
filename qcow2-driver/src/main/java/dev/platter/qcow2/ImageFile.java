package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.DebugEvents;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The image's file as metadata sees it: big-endian, and reading as zeros behind its end.
 *
 * <p>Threads: as {@link BlockNode}. Borrows the node.
 */
record ImageFile(BlockNode node) {
  private static final int CHUNK_BYTES = 64 << 10;

  /**
   * Reads {@code length} bytes; those behind the end of the file are zeros.
   *
   * @param offset any offset; an offset of 2^63 and more, which is negative, is behind every end
   * @return a buffer at position 0 with {@code length} bytes remaining
   */
  ByteBuffer read(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    long present = offset < 0 ? 0 : Math.clamp(node.size() - offset, 0, length);
    if (present > 0) {
      node.read(offset, bytes.limit((int) present));
    }
    return bytes.clear();
  }

  /** Takes words of a table. */
  interface Words {
    /** Takes a word. */
    void accept(long word) throws IOException;
  }

  /**
   * How many of the bytes at {@code offset} are known to be zeros without being read: in holes, and
   * behind the end of the file.
   *
   * @param length how many bytes the caller cares about, at least 1
   */
  long zeros(long offset, long length) throws IOException {
    long size = node.size();
    if (offset < 0 || offset >= size) {
      return length;
    }
    Extent extent = node.extent(offset, Math.min(length, size - offset));
    return extent.zero() ? extent.length() : 0;
  }

  /**
   * Reads big-endian words and passes on those that are not zero; skips holes.
   *
   * @param bytes how much to read, a multiple of eight
   */
  void forEachWord(long offset, long bytes, Words words) throws IOException {
    long at = offset;
    long end = offset + bytes;
    while (at < end) {
      long skipped = zeros(at, end - at) & -Long.BYTES;
      if (skipped == 0) {
        ByteBuffer chunk = read(at, (int) Math.min(CHUNK_BYTES, end - at));
        while (chunk.hasRemaining()) {
          long word = chunk.getLong();
          if (word != 0) {
            words.accept(word);
          }
          at += Long.BYTES;
        }
      }
      at += skipped;
    }
  }

  /** Fills {@code words} with big-endian words; those behind the end of the file are zeros. */
  void readWords(long offset, long[] words) throws IOException {
    long present = offset < 0 ? 0 : Math.max(node.size() - offset, 0);
    int end = (int) Math.min(words.length, Math.ceilDiv(present, Long.BYTES));
    int chunkWords = CHUNK_BYTES / Long.BYTES;
    for (int at = 0; at < end; at += chunkWords) {
      int count = Math.min(chunkWords, end - at);
      ByteBuffer chunk = read(offset + (long) at * Long.BYTES, count * Long.BYTES);
      chunk.asLongBuffer().get(words, at, count);
    }
  }

  /**
   * Tells a debugging filter what comes next, in QEMU's word for it; where there is none, nobody.
   */
  void announce(String event) throws IOException {
    DebugEvents.of(node).announce(event);
  }

  /**
   * Gives a range space of its own on the host, as zeros: what is written there later finds room.
   */
  void reserve(long offset, long length) throws IOException {
    node.writeZeroes(offset, length, ZeroMode.KEEP_ALLOCATED);
  }

  /** Gives a word that is zero space of its own on the host, where it lies in a hole. */
  void reserveWord(long offset) throws IOException {
    if (zeros(offset, Long.BYTES) > 0) {
      write(offset, ByteBuffer.allocate(Long.BYTES));
    }
  }

  /** Writes the remaining bytes; the file grows where it must. */
  void write(long offset, ByteBuffer bytes) throws IOException {
    node.write(offset, bytes);
  }
}

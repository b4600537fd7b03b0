package dev.platter.qcow2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.DataFormatException;

/**
 * Where a frame of Zstandard ends (RFC 8878, section 3.1). What follows the last frame of a cluster
 * is another cluster's, or anything, and a decoder must not see it.
 */
final class ZstdFrame {
  private static final int MAGIC = 0xFD2F_B528;
  private static final int SKIPPABLE_MAGIC = 0x184D_2A50;
  private static final int SKIPPABLE_MASK = 0xFFFF_FFF0;
  private static final int SKIPPABLE_HEADER_BYTES = 8;
  private static final int BLOCK_HEADER_BYTES = 3;
  private static final int CHECKSUM_BYTES = 4;
  private static final int MAGIC_BYTES = 4;
  private static final int RLE_BLOCK = 1;
  private static final int RESERVED_BLOCK = 3;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ZstdFrame() {}

  /** Whether a frame that {@link #byteSize} has accepted holds nothing for the cluster. */
  static boolean skippable(MemorySegment stored) {
    return (stored.get(INT, 0) & SKIPPABLE_MASK) == SKIPPABLE_MAGIC;
  }

  /**
   * How many bytes the frame takes with which {@code stored} begins; at least 1.
   *
   * @throws DataFormatException if it begins with no frame, or the frame does not end in it
   */
  static long byteSize(MemorySegment stored) throws DataFormatException {
    require(stored, SKIPPABLE_HEADER_BYTES);
    if (skippable(stored)) {
      long bytes = SKIPPABLE_HEADER_BYTES + (stored.get(INT, MAGIC_BYTES) & 0xffff_ffffL);
      require(stored, bytes);
      return bytes;
    }
    if (stored.get(INT, 0) != MAGIC) {
      throw new DataFormatException("there is no frame where one is to begin");
    }
    int descriptor = stored.get(ValueLayout.JAVA_BYTE, MAGIC_BYTES);
    long at = MAGIC_BYTES + 1L + headerFieldBytes(descriptor);
    boolean last = false;
    while (!last) {
      require(stored, at + BLOCK_HEADER_BYTES + 1);
      int header = stored.get(INT, at) & 0xff_ffff;
      int type = header >> 1 & 3;
      if (type == RESERVED_BLOCK) {
        throw new DataFormatException("a block has the reserved type");
      }
      at += BLOCK_HEADER_BYTES + (type == RLE_BLOCK ? 1 : header >> 3);
      last = (header & 1) != 0;
    }
    boolean checksum = (descriptor & 4) != 0;
    long bytes = at + (checksum ? CHECKSUM_BYTES : 0);
    require(stored, bytes);
    return bytes;
  }

  /** The bytes of window, dictionary and content size behind the frame header's descriptor. */
  private static int headerFieldBytes(int descriptor) {
    boolean singleSegment = (descriptor & 0x20) != 0;
    int dictionaryBytes =
        switch (descriptor & 3) {
          case 0 -> 0;
          case 1 -> 1;
          case 2 -> 2;
          default -> 4;
        };
    int contentSizeBytes =
        switch (descriptor >> 6 & 3) {
          case 0 -> singleSegment ? 1 : 0;
          case 1 -> 2;
          case 2 -> 4;
          default -> 8;
        };
    return (singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  }

  private static void require(MemorySegment stored, long bytes) throws DataFormatException {
    if (bytes > stored.byteSize()) {
      throw new DataFormatException(
          "a frame ends behind the %d bytes that are there".formatted(stored.byteSize()));
    }
  }
}

package dev.platter.harness.blk;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The configuration space of the block device: {@code struct virtio_blk_config}, little-endian.
 *
 * <p>Threads: the caller locks.
 */
public final class BlkConfiguration {
  /** The size of the space in bytes. */
  public static final int SIZE_BYTES = 96;

  /** Where each field lies, in bytes. */
  public static final int CAPACITY_OFFSET = 0;

  public static final int SIZE_MAX_OFFSET = 8;
  public static final int SEG_MAX_OFFSET = 12;
  public static final int BLK_SIZE_OFFSET = 20;
  public static final int PHYSICAL_BLOCK_EXP_OFFSET = 24;
  public static final int OPT_IO_SIZE_OFFSET = 28;
  public static final int WRITEBACK_OFFSET = 32;
  public static final int NUM_QUEUES_OFFSET = 34;
  public static final int MAX_DISCARD_SECTORS_OFFSET = 36;
  public static final int MAX_DISCARD_SEG_OFFSET = 40;
  public static final int DISCARD_SECTOR_ALIGNMENT_OFFSET = 44;
  public static final int MAX_WRITE_ZEROES_SECTORS_OFFSET = 48;
  public static final int MAX_WRITE_ZEROES_SEG_OFFSET = 52;
  public static final int WRITE_ZEROES_MAY_UNMAP_OFFSET = 56;

  private static final int SECTOR_BYTES = VirtioBlkRequest.SECTOR_BYTES;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment space = MemorySegment.ofArray(new byte[SIZE_BYTES]);

  BlkConfiguration(BlockNode node, BlkOptions options) {
    BlockLimits limits = node.limits();
    int blockBytes = options.logicalBlockBytes();
    setCapacity(node.size());
    space.set(INT, SIZE_MAX_OFFSET, options.maxSegmentBytes());
    space.set(INT, SEG_MAX_OFFSET, options.maxSegments());
    space.set(INT, BLK_SIZE_OFFSET, blockBytes);
    setByte(
        PHYSICAL_BLOCK_EXP_OFFSET,
        Integer.numberOfTrailingZeros(options.physicalBlockBytes() / blockBytes));
    if (limits.optimalTransferBytes() > blockBytes) {
      space.set(INT, OPT_IO_SIZE_OFFSET, clamp(limits.optimalTransferBytes() / blockBytes));
    }
    setByte(WRITEBACK_OFFSET, options.writeCache() ? 1 : 0);
    space.set(SHORT, NUM_QUEUES_OFFSET, (short) options.queueCount());
    space.set(INT, MAX_DISCARD_SECTORS_OFFSET, options.maxDiscardSectors());
    space.set(INT, MAX_DISCARD_SEG_OFFSET, options.maxDiscardSegments());
    space.set(
        INT,
        DISCARD_SECTOR_ALIGNMENT_OFFSET,
        clamp(Math.max(limits.discardAlignmentBytes(), blockBytes) / SECTOR_BYTES));
    space.set(INT, MAX_WRITE_ZEROES_SECTORS_OFFSET, options.maxDiscardSectors());
    space.set(INT, MAX_WRITE_ZEROES_SEG_OFFSET, options.maxDiscardSegments());
    setByte(WRITE_ZEROES_MAY_UNMAP_OFFSET, 1);
  }

  void setCapacity(long sizeBytes) {
    space.set(LONG, CAPACITY_OFFSET, sizeBytes / SECTOR_BYTES);
  }

  boolean writeback() {
    return space.get(ValueLayout.JAVA_BYTE, WRITEBACK_OFFSET) != 0;
  }

  void setWriteback(boolean writeback) {
    setByte(WRITEBACK_OFFSET, writeback ? 1 : 0);
  }

  /** Copies from {@code offset} into all of {@code dst}; ones where the space has ended. */
  void read(int offset, MemorySegment dst) {
    dst.fill((byte) 0xff);
    int start = Math.min(offset, SIZE_BYTES);
    MemorySegment.copy(space, start, dst, 0, Math.min(dst.byteSize(), SIZE_BYTES - start));
  }

  private void setByte(long offset, int value) {
    space.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  private static int clamp(long value) {
    return (int) Math.min(value, Integer.MAX_VALUE);
  }
}

package dev.platter.api.view;

import dev.platter.api.BlockNode;
import dev.platter.api.error.OutOfRangeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A node as sectors of 512 bytes, numbered from 0: how emulated disk controllers address it.
 *
 * <p>Where a node does not end with a sector, its last bytes cannot be reached. The node is
 * borrowed. Threads: any number, like the node's own methods.
 *
 * @param node the node behind it
 */
public record SectorView(BlockNode node) {
  /** The size of a sector. */
  public static final int SECTOR_BYTES = 512;

  public SectorView {
    Objects.requireNonNull(node, "node");
  }

  /** How many sectors there are. */
  public long sectorCount() {
    return node.size() / SECTOR_BYTES;
  }

  /**
   * Reads whole sectors into an array.
   *
   * @param sectorIndex the first sector
   * @param count how many, at least 0
   * @param dst where they go, from {@code dstOffset} on
   * @throws OutOfRangeException if there are not as many sectors
   * @throws IndexOutOfBoundsException if the array has no room for them
   */
  public void read(long sectorIndex, int count, byte[] dst, int dstOffset) throws IOException {
    node.read(byteOffset(sectorIndex, count), window(dst, dstOffset, count));
  }

  /**
   * Writes whole sectors from an array.
   *
   * @param sectorIndex the first sector
   * @param count how many, at least 0
   * @param src where they come from, from {@code srcOffset} on
   * @throws OutOfRangeException if there are not as many sectors
   * @throws IndexOutOfBoundsException if the array does not hold them
   */
  public void write(long sectorIndex, int count, byte[] src, int srcOffset) throws IOException {
    node.write(byteOffset(sectorIndex, count), window(src, srcOffset, count));
  }

  /** Makes completed writes durable: {@link BlockNode#flush}. */
  public void flush() throws IOException {
    node.flush();
  }

  private long byteOffset(long sectorIndex, int count) throws OutOfRangeException {
    if (sectorIndex < 0 || count < 0 || sectorIndex > sectorCount() - count) {
      throw new OutOfRangeException(
          node.name(),
          sectorIndex * SECTOR_BYTES,
          (long) count * SECTOR_BYTES,
          sectorCount() * SECTOR_BYTES);
    }
    return sectorIndex * SECTOR_BYTES;
  }

  private static ByteBuffer window(byte[] array, int offset, int count) {
    long length = (long) count * SECTOR_BYTES;
    Objects.checkFromIndexSize(offset, length, array.length);
    return ByteBuffer.wrap(array, offset, (int) length);
  }
}

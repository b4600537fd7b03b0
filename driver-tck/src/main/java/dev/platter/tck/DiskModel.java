package dev.platter.tck;

import static org.assertj.core.api.Assertions.fail;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.util.Arrays;

/**
 * The bytes that a disk should hold: what random tests compare a node with.
 *
 * <p>A change is made to the node first and to the model afterwards. Threads: one.
 */
public final class DiskModel {
  private byte[] bytes;

  /** A model of a disk of {@code size} zeros. */
  public DiskModel(int size) {
    this(new byte[size]);
  }

  /** A model of a disk that holds {@code content}; the array is copied. */
  public DiskModel(byte[] content) {
    this.bytes = content.clone();
  }

  /** The size in bytes. */
  public int size() {
    return bytes.length;
  }

  /** A copy of the bytes of a range. */
  public byte[] range(int offset, int length) {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  /** Puts bytes. */
  public void write(int offset, byte[] src) {
    System.arraycopy(src, 0, bytes, offset, src.length);
  }

  /** Puts zeros. */
  public void zero(int offset, int length) {
    Arrays.fill(bytes, offset, offset + length, (byte) 0);
  }

  /** Cuts off the end, or puts zeros there. */
  public void resize(int newSize) {
    bytes = Arrays.copyOf(bytes, newSize);
  }

  /**
   * Takes what a discarded range reads as, after checking that each byte is its old self or zero.
   */
  public void adoptDiscarded(BlockNode node, int offset, int length) throws IOException {
    byte[] found = new byte[length];
    node.read(offset, found);
    for (int i = 0; i < length; i++) {
      if (found[i] != 0 && found[i] != bytes[offset + i]) {
        fail(
            "discarded byte at 0x%x reads 0x%02x; it was 0x%02x and may only be that or zero",
            offset + i, found[i], bytes[offset + i]);
      }
    }
    write(offset, found);
  }

  /** Fails unless the node has this size and these bytes. */
  public void assertEquals(BlockNode node) throws IOException {
    if (node.size() != bytes.length) {
      fail("the node has %d bytes instead of %d", node.size(), bytes.length);
    }
    assertEquals(node, 0, bytes.length);
  }

  /** Fails unless a range of the node has these bytes. */
  public void assertEquals(BlockNode node, int offset, int length) throws IOException {
    byte[] found = new byte[length];
    node.read(offset, found);
    int at = Arrays.mismatch(found, range(offset, length));
    if (at >= 0) {
      fail(
          "byte at 0x%x reads 0x%02x instead of 0x%02x (read of %d bytes at 0x%x)",
          offset + at, found[at], bytes[offset + at], length, offset);
    }
  }
}

package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.qcow2.FuzzBase.Structure;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Makes a damaged image of an input's bytes: a small valid image, to which the bytes say what to
 * do. So a fuzzer's small step is a small change of one structure, and nothing needs to be mended
 * for it to be looked at.
 *
 * <p>An input is a byte that chooses the image, then patches: a byte that chooses structure (its
 * low four bits) and kind of value, two bytes that choose a word or byte in the structure, and the
 * value. An input that ends within a patch ends before it.
 */
final class FuzzedImage {
  private static final int MOST_PATCHES = 16;
  private static final int MOST_GROWTH_BYTES = 1 << 20;
  private static final int TRUNCATE = 8;
  private static final int GROW = 9;
  private static final int ANY_BYTE = 10;
  private static final Structure[] STRUCTURES = Structure.values();

  private final FuzzBase base;
  private final MemoryNode node;
  private final ByteBuffer input;

  private FuzzedImage(FuzzBase base, ByteBuffer input) {
    this.base = base;
    this.node = base.file().copy();
    this.input = input;
  }

  /** Damages an image. What is left of the input after 16 patches is left alone. */
  static FuzzedImage of(ByteBuffer input) {
    int choice = input.hasRemaining() ? input.get() & 0xff : 0;
    FuzzedImage image = new FuzzedImage(FuzzBase.chosen(choice), input);
    try {
      for (int i = 0; i < MOST_PATCHES && input.hasRemaining(); i++) {
        image.patch();
      }
    } catch (BufferUnderflowException e) {
      input.position(input.limit());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return image;
  }

  /** Its file; writable. */
  MemoryNode file() {
    return node;
  }

  /** How to open it. */
  TestOpening opening() throws IOException {
    return base.opening(node);
  }

  /** How to open it for reading. */
  TestOpening readOnlyOpening() throws IOException {
    return base.opening(node.reopenReadOnly());
  }

  private void patch() throws IOException {
    int choice = input.get() & 0xff;
    int where = input.getShort() & 0xffff;
    int structure = choice & 0xf;
    switch (structure) {
      case TRUNCATE -> node.resize(node.size() * where / 0x10000, Preallocation.OFF);
      case GROW -> node.resize(node.size() + where * 16L % MOST_GROWTH_BYTES, Preallocation.OFF);
      case ANY_BYTE -> putByte(where * 8L % Math.max(1, node.size()) + (choice >> 5));
      default -> patch(STRUCTURES[structure % STRUCTURES.length], where, choice >> 4);
    }
  }

  private void patch(Structure structure, int where, int kind) throws IOException {
    long start = base.offset(structure);
    switch (structure) {
      case HEADER -> {
        boolean field = where % 4 != 3;
        long at = field ? where % 29 * 4L : where % 512;
        putWord(start + at, field && kind % 2 == 0 ? Integer.BYTES : Long.BYTES, kind);
      }
      case L1_TABLE -> putWord(start + where % 8 * 8L, Long.BYTES, kind);
      case REFCOUNT_TABLE -> putWord(start + where % 16 * 8L, Long.BYTES, kind);
      case L2_TABLE, DATA ->
          putWord(start + where * 8L % base.geometry().clusterBytes(), Long.BYTES, kind);
      case REFCOUNT_BLOCK, SNAPSHOT_TABLE, BITMAP_DIRECTORY ->
          putByte(start + where % base.geometry().clusterBytes());
    }
  }

  private void putByte(long offset) throws IOException {
    byte value = input.get();
    if (offset < node.size()) {
      node.write(offset, new byte[] {value});
    }
  }

  /** Puts a big-endian word of 4 or 8 bytes, made from what stands there and from the input. */
  private void putWord(long offset, int length, int kind) throws IOException {
    ByteBuffer bytes = new ImageFile(node).read(offset, length);
    long old = length == Integer.BYTES ? bytes.getInt() & 0xffff_ffffL : bytes.getLong();
    long word =
        switch (kind & 7) {
          case 0 -> length == Integer.BYTES ? input.getInt() : input.getLong();
          case 1 -> old ^ 1L << (input.get() & 63);
          case 2 -> old + input.get() * 512L;
          case 3 -> base.offset(STRUCTURES[(input.get() & 0xff) % STRUCTURES.length]) | flags();
          case 4 -> 0;
          case 5 -> -1L >>> (input.get() & 63);
          case 6 -> new ImageFile(node).read((input.getShort() & 0xffff) * 8L, 8).getLong();
          default -> old + input.get();
        };
    ByteBuffer patched = ByteBuffer.allocate(length);
    if (length == Integer.BYTES) {
      patched.putInt((int) word);
    } else {
      patched.putLong(word);
    }
    if (offset + length <= node.size()) {
      node.write(offset, patched.flip());
    }
  }

  /** The bits of an entry beside its offset. */
  private long flags() {
    return (input.get() & 0xffL) << 56 | (input.get() & 0xffL);
  }
}

package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.tck.DiskModel;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A chain drawn as one line for each layer, base first, in which each character is a cell: {@code
 * ChainDrawing.of(fixture, 4096, "AA--BB--", "--CC--0-")}.
 *
 * <p>A letter is a cell filled with that letter, {@code 0} a zero-write, {@code -} nothing. A layer
 * has as many cells as its line has characters.
 */
final class ChainDrawing {
  private static final char NOTHING = '-';
  private static final char ZERO = '0';

  private final int cellBytes;
  private final FormatImage top;

  private ChainDrawing(int cellBytes, FormatImage top) {
    this.cellBytes = cellBytes;
    this.top = top;
  }

  /** Makes images as drawn, each over the one before it. */
  static ChainDrawing of(FormatFixture fixture, int cellBytes, String... layers)
      throws IOException {
    Optional<FormatImage> below = Optional.empty();
    for (String layer : layers) {
      MemoryNode file = fixture.image((long) layer.length() * cellBytes, Optional.empty());
      FormatImage image = new FormatImage(fixture, file);
      FormatImage chained = below.isPresent() ? image.over(below.get()) : image;
      ChainDrawing drawing = new ChainDrawing(cellBytes, chained);
      drawing.draw(layer);
      below = Optional.of(chained);
    }
    return new ChainDrawing(cellBytes, below.orElseThrow());
  }

  /** Writes the cells of a drawing into the top layer. */
  void draw(String cells) throws IOException {
    try (BlockNode node = top.open()) {
      for (int i = 0; i < cells.length(); i++) {
        switch (cells.charAt(i)) {
          case NOTHING -> {}
          case ZERO -> node.writeZeroes(offset(i), cellBytes, ZeroMode.MAY_UNMAP);
          default -> node.write(offset(i), cell(cells.charAt(i)));
        }
      }
    }
  }

  /** Fails unless the disk reads as drawn, now and through a new reader. */
  void expect(String cells) throws IOException {
    DiskModel model = new DiskModel(cells.length() * cellBytes);
    for (int i = 0; i < cells.length(); i++) {
      if (cells.charAt(i) != ZERO) {
        model.write(i * cellBytes, cell(cells.charAt(i)));
      }
    }
    try (BlockNode node = top.open(true)) {
      model.assertEquals(node);
    }
    top.check();
  }

  /** The top layer, over the others. */
  FormatImage image() {
    return top;
  }

  private long offset(int cellIndex) {
    return (long) cellIndex * cellBytes;
  }

  private byte[] cell(char letter) {
    byte[] bytes = new byte[cellBytes];
    Arrays.fill(bytes, (byte) letter);
    return bytes;
  }
}

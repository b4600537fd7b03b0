package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Compares two images. What both are known to be, zeros or nothing, is not read.
 *
 * <p>An image that is longer than the other is the same if it has only zeros there.
 */
final class ImageComparison {
  private static final int BUFFER_BYTES = 2 << 20;
  private static final int SECTOR_BYTES = 512;
  private static final double PERCENT = 100;
  private static final int READ_FAILED = 4;
  private static final int MAP_FAILED = 3;

  private final OpenImage first;
  private final OpenImage second;
  private final boolean strict;
  private final ExtentCursor firstExtents;
  private final ExtentCursor secondExtents;
  private final byte[] firstBytes = new byte[BUFFER_BYTES];
  private final byte[] secondBytes = new byte[BUFFER_BYTES];

  /**
   * @param strict whether sizes, and what is allocated, must be the same as well
   */
  ImageComparison(OpenImage first, OpenImage second, boolean strict) {
    this.first = first;
    this.second = second;
    this.strict = strict;
    this.firstExtents = new ExtentCursor(first.node());
    this.secondExtents = new ExtentCursor(second.node());
  }

  /**
   * What was found.
   *
   * @param lines what is said about it
   */
  record Verdict(boolean same, List<String> lines) {}

  /** Compares. */
  Verdict run(Progress progress) throws CommandFailure {
    long firstSize = first.node().size();
    long secondSize = second.node().size();
    if (strict && firstSize != secondSize) {
      return new Verdict(false, List.of("Strict mode: Image size mismatch!"));
    }
    List<String> lines = new ArrayList<>();
    boolean same = compareCommonPart(progress, lines);
    if (same && firstSize != secondSize) {
      lines.add("Warning: Image size mismatch!");
      same = compareRest(firstSize > secondSize ? first : second, progress, lines);
    }
    if (same) {
      lines.add("Images are identical.");
    }
    return new Verdict(same, lines);
  }

  private boolean compareCommonPart(Progress progress, List<String> lines) throws CommandFailure {
    long end = Math.min(first.node().size(), second.node().size());
    long at = 0;
    while (at < end) {
      Extent one = extent(first, at);
      Extent other = extent(second, at);
      if (strict && !alike(one, other)) {
        lines.add("Strict mode: Offset %d block status mismatch!".formatted(at));
        return false;
      }
      long length = Math.min(end - at, Math.min(one.length(), other.length()));
      if (mayDiffer(one, other)) {
        length = Math.min(length, BUFFER_BYTES);
        OptionalLong mismatch = mismatch(one, other, at, (int) length);
        if (mismatch.isPresent()) {
          lines.add("Content mismatch at offset %d!".formatted(mismatch.getAsLong()));
          return false;
        }
      }
      at += length;
      advance(progress, length);
    }
    return true;
  }

  private boolean compareRest(OpenImage longer, Progress progress, List<String> lines)
      throws CommandFailure {
    long end = longer.node().size();
    long at = Math.min(first.node().size(), second.node().size());
    while (at < end) {
      Extent extent = extent(longer, at);
      long length = extent.length();
      if (extent.present() && !extent.zero()) {
        length = Math.min(length, BUFFER_BYTES);
        OptionalLong mismatch = firstNonZero(longer, at, (int) length, firstBytes);
        if (mismatch.isPresent()) {
          lines.add("Content mismatch at offset %d!".formatted(mismatch.getAsLong()));
          return false;
        }
      }
      at += length;
      advance(progress, length);
    }
    return true;
  }

  private static boolean alike(Extent one, Extent other) {
    return one.present() == other.present()
        && one.zero() == other.zero()
        && one.data() == other.data()
        && one.hostOffset().isPresent() == other.hostOffset().isPresent();
  }

  private static boolean mayDiffer(Extent one, Extent other) {
    boolean bothZero = one.zero() && other.zero();
    return !bothZero && (one.present() || other.present());
  }

  /** The first sector, by its guest offset, in which the images differ. */
  private OptionalLong mismatch(Extent one, Extent other, long at, int length)
      throws CommandFailure {
    if (!one.present() || !other.present()) {
      return one.present()
          ? firstNonZero(first, at, length, firstBytes)
          : firstNonZero(second, at, length, secondBytes);
    }
    read(first, at, firstBytes, length);
    read(second, at, secondBytes, length);
    long index =
        MemorySegment.ofArray(firstBytes)
            .asSlice(0, length)
            .mismatch(MemorySegment.ofArray(secondBytes).asSlice(0, length));
    return sector(at, index);
  }

  private OptionalLong firstNonZero(OpenImage image, long at, int length, byte[] bytes)
      throws CommandFailure {
    read(image, at, bytes, length);
    return sector(at, ZeroScan.firstNonZero(bytes, 0, length));
  }

  /** QEMU compares sector by sector, and says in which one it stopped. */
  private static OptionalLong sector(long at, long index) {
    return index < 0
        ? OptionalLong.empty()
        : OptionalLong.of(at + index / SECTOR_BYTES * SECTOR_BYTES);
  }

  @SuppressWarnings("ReferenceEquality") // one of the two, however alike they are
  private Extent extent(OpenImage image, long offset) throws CommandFailure {
    try {
      return (image == first ? firstExtents : secondExtents).from(offset);
    } catch (IOException e) {
      throw new CommandFailure("Sector allocation test failed for " + image.name())
          .withStatus(MAP_FAILED)
          .causedBy(e);
    }
  }

  private static void read(OpenImage image, long offset, byte[] bytes, int length)
      throws CommandFailure {
    BlockNode node = image.node();
    try {
      node.read(offset, MemorySegment.ofArray(bytes).asSlice(0, length));
    } catch (IOException e) {
      throw new CommandFailure(
              "Error while reading offset %d of %s: %s"
                  .formatted(offset, image.name(), ErrorText.ofRequest(e)))
          .withStatus(READ_FAILED)
          .causedBy(e);
    }
  }

  private void advance(Progress progress, long length) {
    long whole = Math.max(first.node().size(), second.node().size());
    progress.advance(length * PERCENT / whole);
  }
}

package dev.platter.tools.img;

import dev.platter.api.Extent;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

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

  private final Side first;
  private final Side second;
  private final boolean strict;

  /**
   * @param images the two of them
   * @param names how messages call them
   * @param strict whether sizes, and what is allocated, must be the same as well
   */
  ImageComparison(List<OpenImage> images, List<String> names, boolean strict) {
    this.first = Side.of(images.getFirst(), names.getFirst());
    this.second = Side.of(images.getLast(), names.getLast());
    this.strict = strict;
  }

  /**
   * One of the two images.
   *
   * @param name how messages call it
   * @param extents what it consists of
   * @param bytes what was read of it last
   */
  private record Side(OpenImage image, String name, ExtentCursor extents, MemorySegment bytes) {
    static Side of(OpenImage image, String name) {
      MemorySegment bytes = MemorySegment.ofArray(new byte[BUFFER_BYTES]);
      return new Side(image, name, new ExtentCursor(image.node()), bytes);
    }

    long size() {
      return image.node().size();
    }

    Extent extent(long offset) throws CommandFailure {
      try {
        return extents.from(offset);
      } catch (IOException e) {
        throw new CommandFailure("Sector allocation test failed for " + name)
            .withStatus(MAP_FAILED)
            .causedBy(e);
      }
    }

    /** Reads; what was read before is gone. */
    MemorySegment read(long offset, long length) throws CommandFailure {
      try {
        MemorySegment part = bytes.asSlice(0, length);
        image.node().read(offset, part);
        return part;
      } catch (IOException e) {
        throw new CommandFailure(
                "Error while reading offset %d of %s: %s"
                    .formatted(offset, name, ErrorText.ofRequest(e)))
            .withStatus(READ_FAILED)
            .causedBy(e);
      }
    }
  }

  /**
   * Compares.
   *
   * @param lines takes what there is to say, when it is known: also what is followed by a failure
   * @return whether they are the same
   */
  boolean run(Progress progress, Consumer<String> lines) throws CommandFailure {
    long firstSize = first.size();
    long secondSize = second.size();
    if (strict && firstSize != secondSize) {
      lines.accept("Strict mode: Image size mismatch!");
      return false;
    }
    boolean same = compareCommonPart(progress, lines);
    if (same && firstSize != secondSize) {
      lines.accept("Warning: Image size mismatch!");
      same = compareRest(firstSize > secondSize ? first : second, progress, lines);
    }
    if (same) {
      lines.accept("Images are identical.");
    }
    return same;
  }

  private boolean compareCommonPart(Progress progress, Consumer<String> lines)
      throws CommandFailure {
    long end = Math.min(first.size(), second.size());
    long at = 0;
    while (at < end) {
      Extent one = first.extent(at);
      Extent other = second.extent(at);
      if (strict && !alike(one, other)) {
        lines.accept("Strict mode: Offset %d block status mismatch!".formatted(at));
        return false;
      }
      long length = Math.min(end - at, Math.min(one.length(), other.length()));
      if (mayDiffer(one, other)) {
        length = Math.min(length, BUFFER_BYTES);
        OptionalLong mismatch = mismatch(one, other, at, length);
        if (mismatch.isPresent()) {
          lines.accept("Content mismatch at offset %d!".formatted(mismatch.getAsLong()));
          return false;
        }
      }
      at += length;
      advance(progress, length);
    }
    return true;
  }

  private boolean compareRest(Side longer, Progress progress, Consumer<String> lines)
      throws CommandFailure {
    long end = longer.size();
    long at = Math.min(first.size(), second.size());
    while (at < end) {
      Extent extent = longer.extent(at);
      long length = extent.length();
      if (extent.present() && !extent.zero()) {
        length = Math.min(length, BUFFER_BYTES);
        OptionalLong mismatch = firstNonZero(longer, at, length);
        if (mismatch.isPresent()) {
          lines.accept("Content mismatch at offset %d!".formatted(mismatch.getAsLong()));
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
  private OptionalLong mismatch(Extent one, Extent other, long at, long length)
      throws CommandFailure {
    if (!one.present() || !other.present()) {
      return firstNonZero(one.present() ? first : second, at, length);
    }
    return sector(at, first.read(at, length).mismatch(second.read(at, length)));
  }

  private static OptionalLong firstNonZero(Side side, long at, long length) throws CommandFailure {
    return sector(at, ZeroScan.firstNonZero(side.read(at, length)));
  }

  /** QEMU compares sector by sector, and says in which one it stopped. */
  private static OptionalLong sector(long at, long index) {
    return index < 0
        ? OptionalLong.empty()
        : OptionalLong.of(at + index / SECTOR_BYTES * SECTOR_BYTES);
  }

  private void advance(Progress progress, long length) {
    long whole = Math.max(first.size(), second.size());
    progress.advance(length * PERCENT / whole);
  }
}

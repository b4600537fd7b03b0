package dev.platter.filter;

import dev.platter.api.CompressingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Ranges;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Passes writes on as compressed ones, rounded out to the image's clusters: what the image holds of
 * a cluster that is written in part is read first.
 *
 * <p>Compressed data replaces nothing: of two writes to a cluster the second fails with EIO, and so
 * does one of two at the same time. Nothing is lost silently.
 *
 * <p>Threads: any.
 */
final class CompressNode extends ForwardingNode implements CompressingNode {
  private final CompressingNode image;
  private final long unitBytes;

  CompressNode(String name, CompressingNode image) {
    super(name, image);
    this.image = image;
    this.unitBytes = image.limits().optimalTransferBytes();
  }

  @Override
  public boolean compresses() {
    return true;
  }

  @Override
  public PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException {
    return image.prepareCompressed(offset, src);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    write(offset, IoVector.of(src));
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    Ranges.check(name(), size(), offset, src.byteSize());
    long end = offset + src.byteSize();
    if (offset == end) {
      return;
    }
    long start = Ranges.alignDown(offset, unitBytes);
    long stop = Math.min(size(), Ranges.alignUp(end, unitBytes));
    boolean whole = start == offset && stop == end;
    if (whole && src.segments().size() == 1) {
      image.prepareCompressed(start, src.segments().getFirst()).perform();
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment units = arena.allocate(stop - start);
      if (!whole) {
        readEdges(start, offset, end, stop, units);
      }
      long at = offset - start;
      for (MemorySegment segment : src.segments()) {
        MemorySegment.copy(segment, 0, units, at, segment.byteSize());
        at += segment.byteSize();
      }
      image.prepareCompressed(start, units).perform();
    }
  }

  /** Fills the parts of the first and the last unit that are not written. */
  private void readEdges(long start, long offset, long end, long stop, MemorySegment units)
      throws IOException {
    if (offset > start) {
      image.read(start, units.asSlice(0, offset - start));
    }
    if (stop > end) {
      image.read(end, units.asSlice(end - start, stop - end));
    }
  }
}

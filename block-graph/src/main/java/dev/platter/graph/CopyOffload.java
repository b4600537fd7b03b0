package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.OffloadingNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Copies from one image to another by the host, past this program's memory: the read loop of the
 * source finds where bytes are stored, and the write loop of the target where they go.
 *
 * <p>So the source is counted in at its fence, and the target allocates and links, as for any other
 * request.
 */
public final class CopyOffload {
  private CopyOffload() {}

  /**
   * Copies a range. What no layer of the source stores becomes zeros.
   *
   * @param source stays as it is meanwhile; not the target, nor below it
   * @param sourceOffset first byte in the source; the range lies within both disks
   * @throws UnsupportedFeatureException if the host cannot, or if bytes are stored compressed or
   *     encrypted; as after any failure, some of the range may have been written
   */
  public static void copy(
      FormatNode source, long sourceOffset, FormatNode target, long offset, long length)
      throws IOException {
    source.read(Reading.INSTANCE, sourceOffset, new Place(target, offset), length);
  }

  /** Bytes of a node, in the place of memory. */
  record Place(BlockNode node, long offset) {}

  /** A read loop's "memory" is a place in the target. */
  enum Reading implements Transfer<Place> {
    INSTANCE;

    @Override
    public void read(BlockNode node, long offset, Place to, long at, long length)
        throws IOException {
      FormatNode target = (FormatNode) to.node();
      target.write(Writing.INSTANCE, to.offset() + at, new Place(node, offset), length);
    }

    @Override
    public void zero(Place to, long at, long length) throws IOException {
      to.node().writeZeroes(to.offset() + at, length, ZeroMode.MAY_UNMAP);
    }

    @Override
    public void write(BlockNode node, long offset, Place memory, long at, long length) {
      throw new IllegalStateException("a place to copy to is not written from");
    }

    @Override
    public void readEncoded(
        FormatDriver driver,
        Mapping.Encoded encoded,
        long guestOffset,
        Place to,
        long at,
        long length)
        throws IOException {
      throw new UnsupportedFeatureException("compressed bytes cannot be copied by the host");
    }

    @Override
    public List<MemorySegment> segments(Place to, long at, long length) throws IOException {
      throw new UnsupportedFeatureException("encrypted bytes cannot be copied by the host");
    }
  }

  /** A write loop's "memory" is a place in the file where the source stores the bytes. */
  enum Writing implements Transfer<Place> {
    INSTANCE;

    @Override
    public void write(BlockNode node, long offset, Place from, long at, long length)
        throws IOException {
      if (!(node instanceof OffloadingNode offloading)) {
        throw new UnsupportedFeatureException(node.name() + ": the host cannot copy into this");
      }
      offloading.copyFrom(offset, from.node(), from.offset() + at, length);
    }

    /** What has to be written together with old bytes is read after all. */
    @Override
    public List<MemorySegment> segments(Place from, long at, long length) throws IOException {
      MemorySegment bytes = Arena.ofAuto().allocate(length);
      from.node().read(from.offset() + at, bytes);
      return List.of(bytes);
    }

    @Override
    public void read(BlockNode node, long offset, Place memory, long at, long length) {
      throw new IllegalStateException("a place to copy from is not read into");
    }

    @Override
    public void readEncoded(
        FormatDriver driver,
        Mapping.Encoded encoded,
        long guestOffset,
        Place memory,
        long at,
        long length) {
      throw new IllegalStateException("a place to copy from is not read into");
    }

    @Override
    public void zero(Place memory, long at, long length) {
      throw new IllegalStateException("a place to copy from is not read into");
    }
  }
}

package dev.platter.api.driver;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A format driver that can store units of allocation compressed. The graph compresses, reserves
 * space for what that gave, writes it there and commits; where a unit cannot be made smaller, it
 * writes it as any other.
 *
 * <p>Threads: {@code compress} may be called by any number of threads at once, and holds no lock;
 * {@code allocateCompressed} and the commit as {@link FormatDriver#allocate}.
 */
public interface CompressingFormat {

  /**
   * Whether this image can have compressed units: one whose bytes lie in another file, or are
   * encrypted, cannot.
   */
  boolean compresses();

  /**
   * Compresses a unit.
   *
   * @param unit {@link FormatDriver#allocationUnitBytes()} bytes; those behind the end of the disk
   *     are zeros
   * @return the compressed bytes; empty if they would not be fewer
   */
  Optional<MemorySegment> compress(MemorySegment unit) throws IOException;

  /**
   * Reserves space for a compressed unit.
   *
   * @param guestOffset where the unit begins
   * @param byteCount how many compressed bytes there are, at least 1
   * @throws dev.platter.api.error.BlockIoException with EIO if space is allocated for the unit
   *     already: what is compressed replaces nothing
   */
  CompressedSpace allocateCompressed(long guestOffset, int byteCount) throws IOException;

  /**
   * Space that has been reserved for a compressed unit, and that nothing points to yet. The holder
   * writes the bytes to {@link FormatDriver#data()} and commits. Closing without a commit gives the
   * space back and leaves the image as it was.
   */
  interface CompressedSpace extends AutoCloseable {

    /** Where the first byte goes in {@link FormatDriver#data()}; not aligned. */
    long hostOffset();

    /** Links the unit into the image, as {@link Allocation#commit} does. */
    void commit() throws IOException;

    /**
     * Gives the space back unless it was committed. Does not throw: what cannot be given back
     * leaks.
     */
    @Override
    void close();
  }
}

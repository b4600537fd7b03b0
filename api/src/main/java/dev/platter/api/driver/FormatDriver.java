package dev.platter.api.driver;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnfinishedFlushException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * An open image of some format, as a mapper: it says <i>where</i> guest bytes live, and one class
 * of the graph moves them. A driver never loops over a request's memory, never fills zeros, never
 * walks a backing chain and never copies on write.
 *
 * <p>{@link #map} alone makes a read-only driver; the methods for writing have defaults that
 * refuse.
 *
 * <p>Threads: {@code map} and {@code readEncoded} are called by any number of threads at once, also
 * while others allocate, commit and release. The graph calls {@code allocate}, {@code commit} and
 * {@code release} for overlapping ranges, rounded out to {@link #allocationUnitBytes()}, from one
 * thread at a time; for ranges apart, at once. {@code flush} may run beside everything. The driver
 * performs no data I/O, and calls nothing of the graph's, while it holds a lock of its own.
 */
public interface FormatDriver extends AutoCloseable {

  /** The virtual size in bytes. */
  long size();

  /** The image's own limits; those of the file below are added by the graph. */
  BlockLimits limits();

  /** The backing file that the header names. */
  default Optional<BackingReference> backing() {
    return Optional.empty();
  }

  /** The node on which host offsets lie: the image's file, or its external data file. */
  BlockNode data();

  /** The unit of allocation in guest bytes, a power of two: the cluster. */
  default long allocationUnitBytes() {
    return 1;
  }

  /**
   * The unit of mapping in guest bytes, a power of two that divides {@link #allocationUnitBytes()}:
   * the part of a unit of allocation that can hold data, or read as zeros, beside parts that do not
   * (a subcluster). Allocations are filled, and zeros released, in whole units of mapping.
   */
  default long mappingUnitBytes() {
    return allocationUnitBytes();
  }

  /**
   * Whether units of allocation seem to have been reserved ahead of being written. What {@link
   * #map} calls data may then be a hole of {@link #data()}, which reads as zeros.
   *
   * <p>Asked when bytes are described, never when they are moved; may read metadata.
   */
  default boolean reservesAhead() throws IOException {
    return false;
  }

  /**
   * Says where guest bytes live.
   *
   * @param guestOffset first byte, {@code 0 <= guestOffset < size()}
   * @param length how many bytes are of interest; at least 1, and {@code guestOffset + length <=
   *     size()}
   * @return an answer for the first {@code 1..length} bytes; as long as it can cheaply be. It may
   *     be used until the graph's {@link ReadFence} passes
   * @throws dev.platter.api.error.CorruptImageException if the tables are damaged
   */
  Mapping map(long guestOffset, long length) throws IOException;

  /**
   * Says how far back the bytes reach that are not held here, from some of which {@link #map} has
   * just said so ({@link Mapping.Backing}). Only what it takes no further reading to know counts:
   * nobody has asked for the bytes before, and what is noted of them may be damaged.
   *
   * @param guestOffset the first byte of which it is known
   * @param leastOffset how far back is of interest, {@code 0 <= leastOffset <= guestOffset}
   * @return {@code leastOffset..guestOffset}: nothing is held from here on
   */
  default long backingStart(long guestOffset, long leastOffset) throws IOException {
    return guestOffset;
  }

  /**
   * Decodes bytes for which {@link #map} answered {@link Mapping.Encoded}.
   *
   * @param guestOffset first byte; within the range for which {@code encoded} was given
   * @param dst filled with the bytes from {@code guestOffset}; ends within that range
   */
  default void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    throw new IllegalStateException("this format has no encoded ranges");
  }

  /**
   * Reserves space for a write. To be called where {@link #map} gives nothing writable.
   *
   * @param guestOffset first byte to be written
   * @param length how many bytes are to be written from there, at least 1
   * @return space for the first bytes of the request, as many as lie together; never empty
   */
  default Allocation allocate(long guestOffset, long length) throws IOException {
    throw new ReadOnlyNodeException(data().name(), "this format cannot be written");
  }

  /**
   * Lets go of a range: of whole units of allocation, or, for the modes that make it read as zeros,
   * of whole units of mapping within one unit of allocation.
   *
   * @param guestOffset first byte, a multiple of the unit
   * @param length a multiple of the unit, or up to the end of the image
   * @return whether it was done; false if the image cannot express it (nothing has changed then,
   *     and the graph writes zeros, or ignores a discard)
   */
  default boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    throw new ReadOnlyNodeException(data().name(), "this format cannot be written");
  }

  /**
   * Makes everything durable that was committed or released before the call, and all data written
   * to {@link #data()} before it: metadata in the order that the format needs.
   *
   * @throws UnfinishedFlushException if metadata could not be written, and the next flush may
   *     succeed: the driver keeps what is to be written, and reads as before
   * @throws IOException if {@link #data()} could not be flushed, or what is on the disk is unknown
   *     for another reason; the graph neither flushes again nor changes anything until the image is
   *     opened again
   */
  void flush() throws IOException;

  /**
   * Flushes, and writes what flushes may postpone: afterwards the file holds what {@link #close}
   * would leave. Called before the image turns read-only for good while it stays open, as one that
   * gets an overlay does; by default a flush is enough.
   *
   * <p>The graph has drained all requests. It sends no changes afterwards, unless this fails, which
   * leaves what a failed {@link #flush} leaves.
   *
   * @throws UnfinishedFlushException as {@link #flush} does
   */
  default void settle() throws IOException {
    flush();
  }

  /** Flushes and lets go of everything but the nodes it was given. Closing twice does nothing. */
  @Override
  void close() throws IOException;
}

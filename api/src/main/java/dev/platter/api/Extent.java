package dev.platter.api;

import java.util.OptionalLong;

/**
 * What a range of a node's bytes consists of: an answer of {@link BlockNode#extent}.
 *
 * @param offset first byte, as a guest offset of the node asked
 * @param length length in bytes, at least 1
 * @param present whether some layer of the chain holds the range; if not, it reads as zeros
 * @param zero whether the range is known to read as zeros
 * @param data whether bytes are stored for the range
 * @param compressed whether those bytes are stored compressed
 * @param depth index of the layer that answers: 0 is the node asked, 1 its backing file, and so on
 * @param hostOffset where the range's first byte lies in {@code hostName}, if it lies there as is
 * @param hostName file name of the node that holds the bytes; empty if {@code hostOffset} is
 */
public record Extent(
    long offset,
    long length,
    boolean present,
    boolean zero,
    boolean data,
    boolean compressed,
    int depth,
    OptionalLong hostOffset,
    String hostName) {

  /** Bytes stored as they are at {@code hostOffset} of the file {@code hostName}. */
  public static Extent data(long offset, long length, long hostOffset, String hostName) {
    return new Extent(
        offset, length, true, false, true, false, 0, OptionalLong.of(hostOffset), hostName);
  }

  /** A range that no layer holds. */
  public static Extent absent(long offset, long length) {
    return new Extent(offset, length, false, true, false, false, 0, OptionalLong.empty(), "");
  }

  /** A range that no layer holds, although {@code hostOffset} is reserved for it. */
  public static Extent absent(long offset, long length, long hostOffset, String hostName) {
    return new Extent(
        offset, length, false, true, false, false, 0, OptionalLong.of(hostOffset), hostName);
  }

  /** Zeros that a layer states without storing bytes. */
  public static Extent zero(long offset, long length) {
    return new Extent(offset, length, true, true, false, false, 0, OptionalLong.empty(), "");
  }

  /** The same extent, answered by a layer {@code depth} below the node asked. */
  public Extent atDepth(int depth) {
    return new Extent(offset, length, present, zero, data, compressed, depth, hostOffset, hostName);
  }

  /** The same extent, seen from another guest offset and cut to {@code length} bytes. */
  public Extent at(long offset, long length) {
    return new Extent(offset, length, present, zero, data, compressed, depth, hostOffset, hostName);
  }

  /**
   * Whether {@code next} continues this extent: adjacent, of the same kind, contiguous on the host.
   */
  public boolean continuedBy(Extent next) {
    return offset + length == next.offset
        && present == next.present
        && zero == next.zero
        && data == next.data
        && compressed == next.compressed
        && depth == next.depth
        && hostName.equals(next.hostName)
        && hostOffset.isPresent() == next.hostOffset.isPresent()
        && (hostOffset.isEmpty() || hostOffset.getAsLong() + length == next.hostOffset.getAsLong());
  }
}

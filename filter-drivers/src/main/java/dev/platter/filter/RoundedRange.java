package dev.platter.filter;

/**
 * The range of a request, and the whole units around it.
 *
 * @param unitBytes a power of two
 * @param start where the request begins
 * @param end where it ends, not before {@code start}
 * @param roundedEnd the next multiple of the unit; but no more than the disk holds, and no less
 *     than {@code end}
 */
record RoundedRange(long unitBytes, long start, long end, long roundedEnd) {

  /** The range of a request to a disk of so many bytes. An empty one is not rounded. */
  static RoundedRange of(long unitBytes, long offset, long length, long diskBytes) {
    long unit = length == 0 ? 1 : unitBytes;
    long end = offset + length;
    long wholeEnd = end + (-end & (unit - 1));
    return new RoundedRange(unit, offset, end, Math.max(end, Math.min(wholeEnd, diskBytes)));
  }

  long roundedStart() {
    return start & -unitBytes;
  }

  /** Bytes of the first unit that lie before the request. */
  long headBytes() {
    return start - roundedStart();
  }

  /** Bytes of the last unit that lie behind the request. */
  long tailBytes() {
    return roundedEnd - end;
  }

  boolean isRounded() {
    return headBytes() > 0 || tailBytes() > 0;
  }

  /** Where the last unit begins. */
  long lastUnit() {
    return (end - 1) & -unitBytes;
  }

  /**
   * Whether there is nothing between the units that the request covers in part: there is one of
   * them, or they are neighbours.
   */
  boolean isEdgesOnly() {
    long between = lastUnit() - roundedStart();
    return between == 0 || (between == unitBytes && headBytes() > 0 && tailBytes() > 0);
  }
}

package dev.platter.filter;

/**
 * How a long request is split: at the first and the last multiple of a unit within it, and into
 * pieces of at most so many bytes between.
 *
 * @param unitBytes at least 1; need not be a power of two
 * @param maxBytes a multiple of the unit, or {@code Long.MAX_VALUE} for no bound
 */
record RequestPieces(long unitBytes, long maxBytes) {
  /** The length of the first piece of a request; 0 if the request is empty. */
  long first(long offset, long length) {
    long past = offset % unitBytes;
    if (past != 0) {
      return Math.min(length, unitBytes - past);
    }
    long whole = length > unitBytes ? length - length % unitBytes : length;
    return Math.min(whole, maxBytes);
  }
}

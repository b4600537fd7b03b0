package dev.platter.tools.img;

import java.util.Optional;

/**
 * A part of a copy.
 *
 * @param offset first byte
 * @param length in bytes, at least 1
 * @param kind what is to be done about it
 */
record CopyPart(long offset, long length, Kind kind) {

  /** What is to be done. */
  enum Kind {
    /** Read, and written where it is not zeros. */
    DATA,
    /** Made to read as zeros. */
    ZERO,
    /** Left to the target's backing file. */
    BACKING
  }

  /** The byte behind the last one. */
  long end() {
    return offset + length;
  }

  /** The beginning of this part. */
  CopyPart first(long maximumBytes) {
    return length <= maximumBytes ? this : new CopyPart(offset, maximumBytes, kind);
  }

  /** What of this part begins at an offset; empty if the offset does not lie in it. */
  Optional<CopyPart> from(long start) {
    return start >= offset && start < end()
        ? Optional.of(new CopyPart(start, end() - start, kind))
        : Optional.empty();
  }
}

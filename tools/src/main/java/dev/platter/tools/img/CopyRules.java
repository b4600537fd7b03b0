package dev.platter.tools.img;

import java.util.OptionalLong;

/**
 * What a copy does with what it finds.
 *
 * @param writesZeros whether zeros are written like data
 * @param targetHasBacking whether the target's backing file stands for the source's
 * @param targetBackingBytes how large the new target's backing file is, where that is known: behind
 *     it the target reads as zeros
 * @param unitBytes the target takes multiples of this; 1 if it takes everything
 */
record CopyRules(
    boolean writesZeros,
    boolean targetHasBacking,
    OptionalLong targetBackingBytes,
    long unitBytes) {

  /** Whether a part's bytes are written. */
  boolean copies(CopyPart part) {
    return part.kind() == CopyPart.Kind.DATA || (writesZeros && part.kind() == CopyPart.Kind.ZERO);
  }

  /** Whether what the target does not hold reads as zeros from this offset on. */
  boolean behindBacking(long offset) {
    return targetBackingBytes.isPresent() && offset >= targetBackingBytes.getAsLong();
  }

  /** So much of a range that all of it lies before, or behind, the backing file's end. */
  long stepFrom(long offset, long length) {
    long end = targetBackingBytes.orElse(0);
    return offset < end && offset + length > end ? end - offset : length;
  }
}

package dev.platter.tools.img;

import dev.platter.api.Extent;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.img.CopyPart.Kind;
import java.io.IOException;
import java.util.Optional;

/**
 * Gives out the parts of a copy, from the first byte to the last. Threads: any number may take.
 *
 * <p>What a part consists of follows from the source's extents: what the source does not hold is
 * never read.
 */
final class CopyPlan {
  private final ImageSequence source;
  private final boolean writesZeros;
  private final boolean targetHasBacking;
  private final boolean topLayerOnly;
  private final long bytesToCopy;
  private Optional<CopyPart> rest = Optional.empty();
  private long nextOffset;
  private long taken;

  /**
   * @param writesZeros whether zeros are written like data
   * @param targetHasBacking whether the target's backing file stands for the source's
   */
  CopyPlan(ImageSequence source, boolean writesZeros, boolean targetHasBacking)
      throws CommandFailure {
    this.source = source;
    this.writesZeros = writesZeros;
    this.targetHasBacking = targetHasBacking;
    this.topLayerOnly =
        targetHasBacking
            && source.images().getFirst().format().flatMap(image -> image.backing()).isPresent();
    this.bytesToCopy = countBytesToCopy();
  }

  /**
   * The next part.
   *
   * @param maximumBytes the most that a part to be copied may have
   */
  synchronized Optional<CopyPart> take(long maximumBytes) throws CommandFailure {
    if (rest.isEmpty()) {
      if (nextOffset == source.size()) {
        return Optional.empty();
      }
      rest = Optional.of(partAt(nextOffset));
    }
    CopyPart whole = rest.get();
    CopyPart part = isCopied(whole) ? whole.first(maximumBytes) : whole;
    nextOffset = part.offset() + part.length();
    long left = whole.length() - part.length();
    rest = left == 0 ? Optional.empty() : Optional.of(new CopyPart(nextOffset, left, whole.kind()));
    taken += isCopied(part) ? part.length() : 0;
    return Optional.of(part);
  }

  /** How much of what is to be copied has been taken, from 0 to 1. */
  synchronized double takenShare() {
    return bytesToCopy == 0 ? 1 : (double) taken / bytesToCopy;
  }

  private boolean isCopied(CopyPart part) {
    return part.kind() == Kind.DATA || (writesZeros && part.kind() == Kind.ZERO);
  }

  private long countBytesToCopy() throws CommandFailure {
    long sum = 0;
    long at = 0;
    while (at < source.size()) {
      CopyPart part = partAt(at);
      sum += isCopied(part) ? part.length() : 0;
      at += part.length();
    }
    return sum;
  }

  private CopyPart partAt(long offset) throws CommandFailure {
    try {
      Extent extent = source.extent(offset, source.size() - offset);
      return new CopyPart(offset, extent.length(), kindOf(extent));
    } catch (IOException e) {
      throw new CommandFailure(
              "error while reading block status at offset %d: %s"
                  .formatted(offset, ErrorText.ofRequest(e)))
          .causedBy(e);
    }
  }

  private Kind kindOf(Extent extent) {
    boolean ofTop = extent.depth() == 0 && extent.present();
    if (topLayerOnly && !ofTop) {
      return Kind.BACKING;
    }
    if (extent.zero()) {
      return Kind.ZERO;
    }
    return extent.present() || !targetHasBacking ? Kind.DATA : Kind.BACKING;
  }
}

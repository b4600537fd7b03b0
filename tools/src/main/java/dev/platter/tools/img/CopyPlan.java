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
  private final CopyRules rules;
  private final Salvage salvage;
  private final boolean topLayerOnly;
  private final long bytesToCopy;
  private Optional<CopyPart> known = Optional.empty();
  private long nextOffset;
  private long taken;
  private long takenCount;

  /**
   * @param salvage what is made of extents that cannot be found out
   */
  CopyPlan(ImageSequence source, CopyRules rules, Salvage salvage) throws CommandFailure {
    this.source = source;
    this.rules = rules;
    this.salvage = salvage;
    this.topLayerOnly =
        rules.targetHasBacking()
            && source.images().getFirst().format().flatMap(image -> image.backing()).isPresent();
    this.bytesToCopy = countBytesToCopy();
  }

  /**
   * A part that was given out.
   *
   * @param number how many were before it
   * @param isLast whether nothing of its kind follows it
   */
  record Taken(CopyPart part, long number, boolean isLast) {}

  /**
   * The next part.
   *
   * @param maximumBytes the most that a part to be copied may have; it ends at a multiple of it, or
   *     earlier
   */
  synchronized Optional<Taken> take(long maximumBytes) throws CommandFailure {
    if (nextOffset == source.size()) {
      return Optional.empty();
    }
    CopyPart whole = partAt(nextOffset, maximumBytes);
    long toMultiple = maximumBytes - nextOffset % maximumBytes;
    CopyPart part = rules.copies(whole) ? whole.first(toMultiple) : whole;
    nextOffset = part.offset() + part.length();
    taken += rules.copies(part) ? part.length() : 0;
    return Optional.of(new Taken(part, takenCount++, part.length() == whole.length()));
  }

  /** How much of what is to be copied has been taken, from 0 to 1. */
  synchronized double takenShare() {
    return bytesToCopy == 0 ? 1 : (double) taken / bytesToCopy;
  }

  private long countBytesToCopy() throws CommandFailure {
    long sum = 0;
    long at = 0;
    while (at < source.size()) {
      CopyPart part = partAt(at, 1);
      sum += rules.copies(part) ? part.length() : 0;
      at += part.length();
    }
    known = Optional.empty();
    return sum;
  }

  /** The part at an offset: in units, where a target takes nothing else. */
  private CopyPart partAt(long offset, long wantedBytes) throws CommandFailure {
    long lookAhead =
        salvage.wanted() ? 1 : wantedBytes; // what cannot be read is warned of in order
    CopyPart part = runAt(offset, Math.max(lookAhead, rules.unitBytes()));
    long whole = part.length() - part.length() % rules.unitBytes();
    if (whole > 0 || offset + part.length() == source.size()) {
      return whole > 0 ? part.first(whole) : part;
    }
    long unit = Math.min(rules.unitBytes(), source.size() - offset);
    return new CopyPart(offset, unit, Kind.DATA);
  }

  /** What begins at an offset, of one kind, and at least so long if it goes on like that. */
  private CopyPart runAt(long offset, long wantedBytes) throws CommandFailure {
    CopyPart run = known.flatMap(part -> part.from(offset)).orElse(null);
    if (run == null) {
      run = extentAt(offset);
    }
    while (run.length() < wantedBytes && run.end() < source.size()) {
      CopyPart next = extentAt(run.end());
      if (next.kind() != run.kind()) {
        break;
      }
      run = new CopyPart(offset, next.end() - offset, run.kind());
    }
    known = Optional.of(run);
    return run;
  }

  private CopyPart extentAt(long offset) throws CommandFailure {
    long length = rules.stepFrom(offset, source.size() - offset);
    while (true) {
      try {
        Extent extent = source.extent(offset, length);
        return new CopyPart(offset, extent.length(), kindOf(extent));
      } catch (IOException e) {
        String what =
            "error while reading block status at offset %d: %s"
                .formatted(offset, ErrorText.ofRequest(e));
        if (!salvage.wanted()) {
          throw new CommandFailure(what).causedBy(e);
        }
        if (length <= Salvage.SECTOR_BYTES) {
          salvage.warn(what);
          return new CopyPart(offset, length, Kind.DATA);
        }
        length = salvage.shorter(length);
      }
    }
  }

  private Kind kindOf(Extent extent) {
    boolean ofTop = extent.depth() == 0 && extent.present();
    if (topLayerOnly && !ofTop) {
      return Kind.BACKING;
    }
    if (extent.zero()) {
      return rules.behindBacking(extent.offset()) ? Kind.BACKING : Kind.ZERO;
    }
    return extent.present() || !rules.targetHasBacking() ? Kind.DATA : Kind.BACKING;
  }
}

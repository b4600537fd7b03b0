package dev.platter.qcow2;

/**
 * What an image refers to and its file ends before. Such regions read as zeros, for as long as
 * nothing else is put there.
 *
 * <p>Regions within twice the file's length, and a mebibyte, can be had by making the file longer.
 * Threads: one.
 */
final class MissingRegions {
  private static final long LEAST_REACH_BYTES = 1 << 20;

  private final long reach;
  private long end;
  private long firstBeyondReach = Long.MAX_VALUE;

  MissingRegions(long fileBytes) {
    this.reach = 2 * fileBytes + LEAST_REACH_BYTES;
  }

  /** Notes a region; one whose offset is no offset is nowhere. */
  void add(long offset, long bytes) {
    if (offset < 0) {
      return;
    }
    if (offset <= reach - bytes) {
      end = Math.max(end, offset + bytes);
    } else {
      firstBeyondReach = Math.min(firstBeyondReach, offset);
    }
  }

  /** Where the last region ends that is within reach; 0 if there is none. */
  long end() {
    return end;
  }

  /** Whether {@code bytes} from an offset on touch none of the regions beyond reach. */
  boolean clear(long offset, long bytes) {
    return offset + bytes <= firstBeyondReach;
  }
}

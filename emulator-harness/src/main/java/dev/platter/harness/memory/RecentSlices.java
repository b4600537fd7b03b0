package dev.platter.harness.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Segments of guest memory, of which those that were asked for lately are given again: a guest uses
 * its buffers again and again, so a device need not make an object for each request.
 *
 * <p>A table of sets of {@value #WAYS} places. The address of a range says which set is its; a
 * range that is not there takes the place of another, each of the set in its turn. A place takes 12
 * bytes, and 40 more once there is a segment.
 *
 * <p>Threads: one at a time.
 */
public final class RecentSlices {
  private static final int WAYS = 4;
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
  private static final long NO_ADDRESS = -1;

  private final GuestMemory memory;
  private final int setBits;
  private final long[] addresses;
  private final MemorySegment[] segments;
  private int turn;

  /**
   * @param memory where the ranges lie
   * @param count for how many ranges there is to be room; rounded up to a power of two
   */
  public RecentSlices(GuestMemory memory, int count) {
    this.memory = memory;
    int setCount = Math.max(2, count / WAYS);
    this.setBits = Integer.SIZE - Integer.numberOfLeadingZeros(setCount - 1);
    this.addresses = new long[WAYS << setBits];
    this.segments = new MemorySegment[addresses.length];
    Arrays.fill(addresses, NO_ADDRESS);
  }

  /** {@link GuestMemory#slices}; what crosses regions is made anew each time. */
  public void slices(long guestAddress, long length, List<MemorySegment> into)
      throws GuestMemoryException {
    int first = (int) ((guestAddress * MULTIPLIER) >>> (Long.SIZE - setBits)) * WAYS;
    for (int place = first; place < first + WAYS; place++) {
      if (addresses[place] == guestAddress && segments[place].byteSize() == length) {
        into.add(segments[place]);
        return;
      }
    }
    int before = into.size();
    memory.slices(guestAddress, length, into);
    if (into.size() == before + 1) {
      int place = first + (turn++ & (WAYS - 1));
      addresses[place] = guestAddress;
      segments[place] = into.getLast();
    }
  }
}

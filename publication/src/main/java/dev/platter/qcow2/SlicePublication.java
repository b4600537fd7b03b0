package dev.platter.qcow2;

import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread puts a slice in its place, then another in its stead; a reader that takes no lock sees
 * each whole, and never the old one behind the new.
 */
@JCStressTest
@Outcome(
    id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
    expect = Expect.ACCEPTABLE,
    desc = "nothing, the first slice or the second, in this order")
@Outcome(expect = Expect.FORBIDDEN, desc = "a slice in parts, or an older one behind a newer")
@State
public class SlicePublication {
  private static final int ENTRIES = 64;
  private static final int IN_PARTS = 9;

  private final SlicePlaces places = new SlicePlaces(1, 1);

  /** Publishes a slice as a load does, then another one. */
  @Actor
  public void publish() {
    places.put(new CachedSlice(0, 0, slice(1)));
    places.put(new CachedSlice(0, 0, slice(2)));
  }

  /** Looks twice, as lookups do. */
  @Actor
  public void look(II_Result result) {
    result.r1 = look();
    result.r2 = look();
  }

  private int look() {
    CachedSlice cached = places.find(0, 0);
    if (cached == SlicePlaces.NONE) {
      return 0;
    }
    L2Slice slice = cached.slice();
    int first = (int) slice.entry(0);
    for (int i = 1; i < ENTRIES; i++) {
      if (slice.entry(i) != first) {
        return IN_PARTS;
      }
    }
    return first;
  }

  private static L2Slice slice(long entry) {
    long[] entries = new long[ENTRIES];
    Arrays.fill(entries, entry);
    return new RawL2Slice(entries, 16);
  }
}

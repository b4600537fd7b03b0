package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CacheBudget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SliceRingTest {
  private static final int ENTRIES = 64;
  private static final int SLICES_PER_TABLE = 8;
  private static final int TABLES = 64;
  private static final int CLUSTER_BITS = 12;
  private static final L2Slice EMPTY = new EmptyL2Slice(ENTRIES, CLUSTER_BITS);

  private final long seed = Long.getLong("platter.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final SlicePlaces places = new SlicePlaces(TABLES, SLICES_PER_TABLE);

  @ParameterizedTest
  @EnumSource
  void whatIsHeldIsWhatIsFoundAndNeverMoreThanTheCapacity(SliceForm form) {
    SliceRing ring = joined(new SliceRing(places, form, 20_000, EMPTY));
    List<CachedSlice> writing = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(TABLES * SLICES_PER_TABLE);
      CachedSlice found = find(number);
      switch (random.nextInt(8)) {
        case 0 -> change(ring, found, form);
        case 1 -> {
          writing.addAll(takeDirty(ring));
          ring.written(writing, random.nextBoolean());
          writing.clear();
        }
        case 2 -> pack(ring, found, form);
        default -> use(ring, number, form);
      }
      if (step % 1_000 == 0) {
        ring.clean();
      }
      assertThat(ring.counts().heldBytes())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(ring.capacityBytes());
      if (step % 100 == 0) {
        assertThat(ring.counts().sliceCount()).as("seed %d", seed).isEqualTo(countFound());
      }
    }
    ring.written(takeDirty(ring), true);
    ring.clean();
    ring.clean();
    assertThat(countFound()).isZero();
    assertThat(ring.counts().heldBytes())
        .as("what is remembered of slices that are gone")
        .isLessThanOrEqualTo(form == SliceForm.RAW ? 0 : 20_000 / 18);
  }

  @Test
  void aDirtySliceStaysUntilItIsWrittenAndIsThenPacked() {
    SliceRing ring = joined(new SliceRing(places, SliceForm.PACKED, 4_000, EMPTY));
    use(ring, 0, SliceForm.PACKED);
    CachedSlice dirty = find(0);
    assertThat(ring.change(dirty, dirty.slice().with(3, L2Entry.normal(0x7000))))
        .isEqualTo(SliceRing.Change.MADE);
    for (int number = 1; number < 200; number++) {
      use(ring, number, SliceForm.PACKED);
    }
    assertThat(find(0)).isSameAs(dirty);
    int rawBytes = dirty.countedBytes();
    ring.written(takeDirty(ring), true);
    pack(ring, dirty, SliceForm.PACKED);
    assertThat(dirty.countedBytes()).isLessThan(rawBytes);
    assertThat(dirty.slice().entry(3)).isEqualTo(L2Entry.normal(0x7000));
  }

  @Test
  void aChangeOfWhatWasEvictedSaysSo() {
    SliceRing ring = joined(new SliceRing(places, SliceForm.RAW, 1_024, EMPTY));
    use(ring, 0, SliceForm.RAW);
    CachedSlice first = find(0);
    for (int number = 1; number < 8; number++) {
      use(ring, number, SliceForm.RAW);
    }
    assertThat(ring.change(first, EMPTY)).isEqualTo(SliceRing.Change.EVICTED);
  }

  @Test
  void tooMuchThatIsDirtyIsRefused() {
    SliceRing ring = joined(new SliceRing(places, SliceForm.RAW, 4 * 512, EMPTY));
    for (int number = 0; number < 4; number++) {
      use(ring, number, SliceForm.RAW);
      SliceRing.Change change = ring.change(find(number), raw());
      assertThat(change).isEqualTo(number < 3 ? SliceRing.Change.MADE : SliceRing.Change.FULL);
    }
  }

  /** A scan touches each slice often, one after the other, and comes by once. */
  @Test
  void aScanLeavesMostOfWhatIsInSteadyUse() {
    SliceRing ring = joined(new SliceRing(places, SliceForm.RAW, 64 * 512, EMPTY));
    Set<Integer> steady = new HashSet<>();
    while (steady.size() < 40) {
      steady.add(random.nextInt(TABLES * SLICES_PER_TABLE));
    }
    for (int round = 0; round < 6; round++) {
      steady.forEach(number -> use(ring, number, SliceForm.RAW));
    }
    int misses = 0;
    for (int number = 0; number < TABLES * SLICES_PER_TABLE; number++) {
      for (int touch = 0; touch < 10; touch++) {
        use(ring, number, SliceForm.RAW);
      }
      int other = steady.stream().skip(random.nextInt(steady.size())).findFirst().orElseThrow();
      misses += use(ring, other, SliceForm.RAW) ? 0 : 1;
    }
    assertThat(misses)
        .as("of %d look-ups, seed %d", TABLES * SLICES_PER_TABLE, seed)
        .isLessThan(TABLES * SLICES_PER_TABLE / 4);
  }

  private static SliceRing joined(SliceRing ring) {
    ring.join(CacheBudget.unlimited().join(ring, 0).orElseThrow());
    return ring;
  }

  private void change(SliceRing ring, CachedSlice found, SliceForm form) {
    if (found != SlicePlaces.NONE
        && ring.change(found, found.slice().with(random.nextInt(ENTRIES), random.nextLong()))
            == SliceRing.Change.FULL) {
      ring.written(takeDirty(ring), true);
      pack(ring, found, form);
    }
  }

  private static void pack(SliceRing ring, CachedSlice found, SliceForm form) {
    L2Slice known = found.slice();
    if (known.entryCount() > 0) {
      ring.repack(found, known, form.encode(known.words(), CLUSTER_BITS, EMPTY));
    }
  }

  /** Looks a slice up, and loads it if it is not there. Returns whether it was. */
  private boolean use(SliceRing ring, int number, SliceForm form) {
    CachedSlice found = find(number);
    if (found != SlicePlaces.NONE) {
      found.touch(0);
      return true;
    }
    L2Slice slice = form.encode(entries(), CLUSTER_BITS, EMPTY);
    ring.add(new CachedSlice(number / SLICES_PER_TABLE, number % SLICES_PER_TABLE, slice));
    return false;
  }

  private static List<CachedSlice> takeDirty(SliceRing ring) {
    List<CachedSlice> dirty = ring.dirty();
    ring.take(dirty);
    return dirty;
  }

  private RawL2Slice raw() {
    return new RawL2Slice(entries(), CLUSTER_BITS);
  }

  private long[] entries() {
    long[] entries = new long[ENTRIES];
    int bits = random.nextInt(40);
    for (int i = 0; i < ENTRIES && bits > 0; i++) {
      entries[i] = L2Entry.normal(random.nextLong(1L << bits) << CLUSTER_BITS);
    }
    return entries;
  }

  private CachedSlice find(int number) {
    return places.find(number / SLICES_PER_TABLE, number % SLICES_PER_TABLE);
  }

  private int countFound() {
    int count = 0;
    for (int number = 0; number < TABLES * SLICES_PER_TABLE; number++) {
      count += find(number) == SlicePlaces.NONE ? 0 : 1;
    }
    return count;
  }
}

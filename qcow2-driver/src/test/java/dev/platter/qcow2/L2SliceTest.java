package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Every form against an array of words, for entries that are sound and entries that are not. */
class L2SliceTest {
  private static final long CLUSTER = 0x10000;
  private static final int CLUSTER_BITS = 16;

  private final long seed = Long.getLong("platter.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void aSliceOfNothingIsTheEmptyOne() {
    L2Slice empty = new EmptyL2Slice(512, CLUSTER_BITS);
    assertThat(SliceForm.PACKED.encode(new long[512], CLUSTER_BITS, empty)).isSameAs(empty);
    assertThat(empty.heldBytes()).isZero();
    assertThat(empty.run(10, 1_000)).isEqualTo(502);
  }

  @Test
  void clustersInOrderAreRuns() {
    long[] entries = new long[512];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = normal(i < 300 ? 40 + i : 900 + i);
    }
    L2Slice slice = packed(entries);
    assertThat(slice).isInstanceOf(RunsL2Slice.class);
    assertThat(slice.heldBytes()).isLessThan(100);
    assertThat(slice.run(0, 512)).isEqualTo(300);
    assertThat(slice.run(310, 512)).isEqualTo(202);
  }

  @Test
  void clustersOf20GibInAnyOrderTake19BitsEach() {
    long[] entries = random.longs(512, 1, 20L << 14).map(L2SliceTest::normal).toArray();
    L2Slice slice = packed(entries);
    assertThat(slice).as("seed %d", seed).isInstanceOf(PackedL2Slice.class);
    assertThat(slice.heldBytes()).isLessThanOrEqualTo(512 * 19 / 8 + 100);
  }

  @Test
  void wordsThatSayNothingTogetherStayRaw() {
    assertThat(packed(random.longs(512).toArray()))
        .as("seed %d", seed)
        .isInstanceOf(RawL2Slice.class);
  }

  @Test
  void aRunIsAsLongAsTheHostClustersFollowEachOther() {
    assertRuns(new int[] {3, 2, 1, 1}, normal(5), normal(6), normal(7), normal(9));
  }

  @Test
  void aRunEndsWhereTheFlagsChange() {
    assertRuns(
        new int[] {1, 1, 1}, normal(5), normal(6) & ~L2Entry.COPIED, normal(7) | L2Entry.ZERO);
  }

  @Test
  void entriesWithoutAHostClusterRunWhileTheyAreEqual() {
    assertRuns(
        new int[] {2, 1, 3, 2, 1, 1}, 0, 0, L2Entry.ZERO, L2Entry.ZERO, L2Entry.ZERO, normal(1));
  }

  @Test
  void compressedClustersStandAlone() {
    long entry = L2Entry.compressed(0x50000, 100, CLUSTER_BITS);
    assertRuns(new int[] {1, 1, 1}, entry, entry, entry);
  }

  @Test
  void aRunEndsWhereOffsetsOverflow() {
    long last = L2Entry.normal(L2Entry.OFFSET_MASK & -CLUSTER);
    assertHolds(last - CLUSTER, last, last + CLUSTER, last + CLUSTER, last + 2 * CLUSTER);
  }

  @Test
  void aChangeMakesAnotherSlice() {
    L2Slice before = packed(0, 0, 0);
    L2Slice after = before.with(1, normal(3), normal(4));
    assertThat(before.entry(1)).isZero();
    assertThat(after.words()).containsExactly(0, normal(3), normal(4));
  }

  @Test
  void everyFormKeepsEveryWord() {
    for (int round = 0; round < 3_000; round++) {
      LongSupplier words = words(random.nextInt(9));
      long[] entries = new long[2 << random.nextInt(9)];
      for (int i = 0; i < entries.length; i++) {
        entries[i] = i > 0 && random.nextInt(3) == 0 ? entries[i - 1] + CLUSTER : words.getAsLong();
      }
      assertHolds(entries);
    }
  }

  /** Entries of one kind, or of several. */
  private LongSupplier words(int kind) {
    long base = random.nextLong(1L << random.nextInt(1, 38));
    int spread = 1 << random.nextInt(1, 25);
    LongSupplier normal = () -> normal(base + random.nextInt(spread));
    LongSupplier compressed =
        () ->
            L2Entry.compressed(
                base * 512 + random.nextInt(spread), 1 + random.nextInt(65_000), CLUSTER_BITS);
    return switch (kind) {
      case 0 -> () -> 0;
      case 1 -> normal;
      case 2 -> () -> normal.getAsLong() & (random.nextBoolean() ? -1 : ~L2Entry.COPIED);
      case 3 -> () -> random.nextInt(4) == 0 ? normal.getAsLong() : 0;
      case 4 -> () -> normal.getAsLong() | (random.nextBoolean() ? L2Entry.ZERO : 0);
      case 5 -> () -> random.nextBoolean() ? L2Entry.ZERO : 0;
      case 6 -> compressed;
      case 7 -> () -> random.nextBoolean() ? compressed.getAsLong() : normal.getAsLong();
      default -> () -> normal.getAsLong() ^ (1L << random.nextInt(64)); // unsound
    };
  }

  private void assertRuns(int[] runs, long... entries) {
    assertHolds(entries);
    L2Slice slice = packed(entries);
    for (int i = 0; i < runs.length; i++) {
      assertThat(slice.run(i, 10)).as("run at %d", i).isEqualTo(runs[i]);
    }
  }

  private void assertHolds(long... entries) {
    RawL2Slice raw = new RawL2Slice(entries, CLUSTER_BITS);
    assertSame(raw, packed(entries));
    int runCount = RunsL2Slice.countRuns(entries, CLUSTER_BITS);
    assertSame(raw, RunsL2Slice.of(entries, CLUSTER_BITS, runCount));
    PackedL2Slice.Frame frame = PackedL2Slice.Frame.of(entries, CLUSTER_BITS);
    if (frame.fits()) {
      PackedL2Slice packed = PackedL2Slice.of(entries, CLUSTER_BITS, frame);
      assertSame(raw, packed);
      assertThat(packed.heldBytes()).isEqualTo(frame.heldBytes(entries.length));
    }
  }

  private void assertSame(RawL2Slice expected, L2Slice slice) {
    String what = "seed " + seed + ", " + slice.getClass().getSimpleName();
    assertThat(slice.entryCount()).isEqualTo(expected.entryCount());
    assertThat(slice.heldBytes()).as(what).isLessThanOrEqualTo(3 * expected.heldBytes());
    assertThat(slice.words()).as(what).isEqualTo(expected.words());
    int maximum = 1 + random.nextInt(20);
    for (int i = 0; i < expected.entryCount(); i++) {
      assertThat(slice.entry(i)).as(what).isEqualTo(expected.entry(i));
      assertThat(slice.run(i, maximum)).as(what).isEqualTo(expected.run(i, maximum));
      assertThat(slice.unallocatedStart(i)).as(what).isEqualTo(expected.unallocatedStart(i));
    }
    ByteBuffer bytes = ByteBuffer.allocate(expected.entryCount() * 8);
    slice.encode(bytes);
    ByteBuffer expectedBytes = ByteBuffer.allocate(bytes.capacity());
    expected.encode(expectedBytes);
    assertThat(bytes.flip()).as(what).isEqualTo(expectedBytes.flip());
  }

  private static L2Slice packed(long... entries) {
    return SliceForm.PACKED.encode(
        entries, CLUSTER_BITS, new EmptyL2Slice(entries.length, CLUSTER_BITS));
  }

  private static long normal(long cluster) {
    return L2Entry.normal(cluster * CLUSTER);
  }
}

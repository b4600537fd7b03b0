package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The words of extended L2 entries, and how slices of them are kept. */
class SubclustersTest {
  private static final int CLUSTER_BITS = 16;
  private static final long HOSTED = L2Entry.normal(0x50000);
  private static final int ENTRIES = 256;
  private static final SubclusterL2Slice EMPTY = SubclusterL2Slice.empty(ENTRIES, CLUSTER_BITS);

  private final long seed = Long.getLong("platter.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void clusterAtTheBeginningOfADataFileIsThereIfItIsMarkedSo() {
    assertThat(Subclusters.hosted(L2Entry.COPIED, true)).isTrue();
    assertThat(Subclusters.owned(L2Entry.COPIED, true)).isTrue();
    assertThat(Subclusters.kind(L2Entry.COPIED, 1, 0, true)).isEqualTo(Subclusters.Kind.NORMAL);
    assertThat(Subclusters.hosted(0, true)).isFalse();
    assertThat(Subclusters.hosted(L2Entry.COPIED, false)).isFalse();
    assertThat(Subclusters.kind(L2Entry.COPIED, 0, 0, false))
        .isEqualTo(Subclusters.Kind.UNALLOCATED_PLAIN);
  }

  @Test
  void kindFollowsFromOffsetAndBits() {
    long bitmap = 0b0010L | 0b0100L << 32;
    assertThat(Subclusters.kind(HOSTED, bitmap, 0, false))
        .isEqualTo(Subclusters.Kind.UNALLOCATED_ALLOCATED);
    assertThat(Subclusters.kind(HOSTED, bitmap, 1, false)).isEqualTo(Subclusters.Kind.NORMAL);
    assertThat(Subclusters.kind(HOSTED, bitmap, 2, false))
        .isEqualTo(Subclusters.Kind.ZERO_ALLOCATED);
    assertThat(Subclusters.kind(0, 1L << 32, 0, false)).isEqualTo(Subclusters.Kind.ZERO_PLAIN);
    assertThat(Subclusters.kind(0, 1L << 32, 1, false))
        .isEqualTo(Subclusters.Kind.UNALLOCATED_PLAIN);
    assertThat(Subclusters.kind(L2Entry.COMPRESSED | 0x50000, 0, 9, false))
        .isEqualTo(Subclusters.Kind.COMPRESSED);
  }

  @Test
  void bothBitsOfASubclusterAndDataWithoutAClusterAreInvalid() {
    assertThat(Subclusters.valid(HOSTED, Subclusters.ALL_ALLOCATED, false)).isTrue();
    assertThat(Subclusters.valid(HOSTED, 1L << 31 | 1L << 63, false)).isFalse();
    assertThat(Subclusters.valid(0, Subclusters.ALL_ZERO, false)).isTrue();
    assertThat(Subclusters.valid(0, 1, false)).isFalse();
  }

  @Test
  void runsAreAsLongAsBothBitsStayTheSame() {
    for (int round = 0; round < 2_000; round++) {
      long bitmap = random.nextLong() | (round % 2 == 0 ? 0xffff00L : 0xff00ff00L);
      for (int from = 0; from < Subclusters.COUNT; from++) {
        int to = from + 1;
        while (to < Subclusters.COUNT && state(bitmap, to) == state(bitmap, from)) {
          to++;
        }
        assertThat(Subclusters.run(bitmap, from))
            .as("bitmap %x at %d, seed %d", bitmap, from, seed)
            .isEqualTo(to - from);
      }
    }
    assertThat(Subclusters.run(0, 0)).isEqualTo(32);
    assertThat(Subclusters.run(Subclusters.ALL_ALLOCATED, 0)).isEqualTo(32);
    assertThat(Subclusters.run(Subclusters.ALL_ZERO, 0)).isEqualTo(32);
  }

  @Test
  void writingAndZeroingLeaveTheOthersAlone() {
    assertThat(Subclusters.written(Subclusters.ALL_ZERO, 0, 32))
        .isEqualTo(Subclusters.ALL_ALLOCATED);
    assertThat(Subclusters.zeroed(Subclusters.ALL_ALLOCATED, 0, 32))
        .isEqualTo(Subclusters.ALL_ZERO);
    assertThat(Subclusters.written(1L << 36, 2, 4)).isEqualTo(1L << 36 | 0b1100);
    assertThat(Subclusters.zeroed(0b11110L, 2, 4)).isEqualTo(0b1100L << 32 | 0b10010);
  }

  @Test
  void fewStatesTakeFewBits() {
    long[] uniform = words(i -> Subclusters.ALL_ALLOCATED);
    L2Slice packed = packed(uniform);
    int inOrderBytes = packed.heldBytes();
    assertThat(inOrderBytes).isLessThan(200);
    long[] mixed = words(i -> i % 3 == 0 ? 0xffL : Subclusters.ALL_ALLOCATED);
    assertThat(packed(mixed).heldBytes()).isLessThan(inOrderBytes + ENTRIES / 8 + 24);
    assertThat(packed(new long[2 * ENTRIES])).isSameAs(EMPTY);
  }

  @Test
  void slicesKeepEveryWordAndNeverTakeMoreThanTheyMay() {
    for (int round = 0; round < 300; round++) {
      int states = 1 + random.nextInt(20);
      long[] some = random.longs(states).toArray();
      int stateless = round % 5;
      long[] words = words(i -> stateless == 0 ? random.nextLong() : some[random.nextInt(states)]);
      for (SliceForm form : SliceForm.values()) {
        L2Slice slice = form.encode(words.clone(), CLUSTER_BITS, EMPTY);
        assertThat(slice.words()).as("seed %d", seed).isEqualTo(words);
        assertThat(form.countedBytes(slice)).isLessThanOrEqualTo(form.maximumBytes(EMPTY));
        assertThat(encoded(slice)).isEqualTo(encoded(words));
        int index = random.nextInt(ENTRIES - 1);
        L2Slice changed = slice.with(index, 1, 2, 3, 4);
        assertThat(changed.entry(index + 1)).isEqualTo(3);
        assertThat(changed.bitmap(index + 1)).isEqualTo(4);
        assertThat(slice.words()).as("the slice itself stays").isEqualTo(words);
        assertThat(form.countedBytes(changed)).isLessThanOrEqualTo(form.maximumBytes(EMPTY));
      }
    }
  }

  @Test
  void runsGoOnAcrossClustersWhileKindAndHostOffsetDo() {
    long all = Subclusters.ALL_ALLOCATED;
    long[] words = new long[2 * ENTRIES];
    System.arraycopy(
        new long[] {
          normal(5), all, normal(6), all, normal(7), 0xff, normal(9), all, 0, 0, 0, 1L << 40
        },
        0,
        words,
        0,
        12);
    L2Slice slice = packed(words);
    assertThat(SubclusterRun.at(slice, 0, 3, 10, false).count()).isEqualTo(29 + 32 + 8);
    assertThat(SubclusterRun.at(slice, 0, 3, 10, false).clusterCount()).isEqualTo(3);
    assertThat(SubclusterRun.at(slice, 0, 3, 2, false).count()).isEqualTo(29 + 32);
    assertThat(SubclusterRun.at(slice, 2, 8, 10, false).count()).isEqualTo(24);
    assertThat(SubclusterRun.at(slice, 4, 0, 10, false).count()).isEqualTo(32 + 8);
  }

  private static long normal(long cluster) {
    return L2Entry.normal(cluster << CLUSTER_BITS);
  }

  private static int state(long bitmap, int subcluster) {
    return (int) (bitmap >>> subcluster & 1) + 2 * (int) (bitmap >>> (32 + subcluster) & 1);
  }

  private static long[] words(IntToLongFunction bitmaps) {
    long[] words = new long[2 * ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      words[2 * i] = normal(100L + i);
      words[2 * i + 1] = bitmaps.applyAsLong(i);
    }
    return words;
  }

  private static L2Slice packed(long[] words) {
    return SliceForm.PACKED.encode(words, CLUSTER_BITS, EMPTY);
  }

  private static byte[] encoded(L2Slice slice) {
    ByteBuffer bytes = ByteBuffer.allocate(16 * ENTRIES);
    slice.encode(bytes);
    return bytes.array();
  }

  private static byte[] encoded(long[] words) {
    ByteBuffer bytes = ByteBuffer.allocate(16 * ENTRIES);
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }
}

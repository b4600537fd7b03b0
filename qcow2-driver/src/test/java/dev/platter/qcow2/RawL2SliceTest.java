package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RawL2SliceTest {
  private static final long CLUSTER = 0x10000;

  @Test
  void aRunIsAsLongAsTheHostClustersFollowEachOther() {
    L2Slice slice = slice(normal(5), normal(6), normal(7), normal(9));
    assertThat(slice.run(0, 10)).isEqualTo(3);
    assertThat(slice.run(0, 2)).isEqualTo(2);
    assertThat(slice.run(3, 10)).isEqualTo(1);
  }

  @Test
  void aRunEndsWhereTheFlagsChange() {
    L2Slice slice = slice(normal(5), normal(6) & ~L2Entry.COPIED, normal(7) | L2Entry.ZERO);
    assertThat(slice.run(0, 10)).isEqualTo(1);
    assertThat(slice.run(1, 10)).isEqualTo(1);
  }

  @Test
  void entriesWithoutAHostClusterRunWhileTheyAreEqual() {
    L2Slice slice = slice(0, 0, L2Entry.ZERO, L2Entry.ZERO, L2Entry.ZERO, normal(1));
    assertThat(slice.run(0, 10)).isEqualTo(2);
    assertThat(slice.run(2, 10)).isEqualTo(3);
  }

  @Test
  void compressedClustersStandAlone() {
    long entry = L2Entry.compressed(0x50000, 100, 16);
    assertThat(slice(entry, entry).run(0, 10)).isEqualTo(1);
  }

  @Test
  void aChangeMakesAnotherSlice() {
    L2Slice before = slice(0, 0, 0);
    L2Slice after = before.with(1, normal(3), normal(4));
    assertThat(before.entry(1)).isZero();
    assertThat(after.entry(0)).isZero();
    assertThat(after.entry(2)).isEqualTo(normal(4));
    ByteBuffer encoded = ByteBuffer.allocate(24);
    after.encode(encoded);
    assertThat(encoded.hasRemaining()).isFalse();
    assertThat(encoded.getLong(8)).isEqualTo(normal(3));
  }

  private static L2Slice slice(long... entries) {
    return RawL2Slice.empty(entries.length, 16).with(0, entries);
  }

  private static long normal(int cluster) {
    return L2Entry.normal(cluster * CLUSTER);
  }
}

package dev.platter.harness.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockOrderTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 17, 64, 1000, 4097})
  void eachPassVisitsEachBlockOnce(long blockCount) {
    BlockOrder order = new BlockOrder(true, blockCount, 42);
    for (long pass = 0; pass < 3; pass++) {
      long first = pass * blockCount;
      assertThat(
              LongStream.range(first, first + blockCount).map(order::blockIndex).sorted().toArray())
          .containsExactly(LongStream.range(0, blockCount).toArray());
    }
  }

  @Test
  void passesDiffer() {
    BlockOrder order = new BlockOrder(true, 1000, 42);
    long same =
        LongStream.range(0, 1000)
            .filter(i -> order.blockIndex(i) == order.blockIndex(1000 + i))
            .count();

    assertThat(same).isLessThan(100);
  }

  @Test
  void orderInSequenceStartsOver() {
    BlockOrder order = new BlockOrder(false, 3, 42);

    assertThat(LongStream.range(0, 7).map(order::blockIndex).toArray())
        .containsExactly(0, 1, 2, 0, 1, 2, 0);
  }

  @Test
  void seedDecides() {
    BlockOrder one = new BlockOrder(true, 1 << 20, 1);
    BlockOrder other = new BlockOrder(true, 1 << 20, 2);

    assertThat(LongStream.range(0, 100).map(one::blockIndex).toArray())
        .isNotEqualTo(LongStream.range(0, 100).map(other::blockIndex).toArray());
  }
}

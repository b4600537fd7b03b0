package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefcountBlockTest {
  private static final int CLUSTER_BYTES = 1024;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void findsFreeClustersAmongCountsOfEveryWidth(int order) {
    RefcountBlock block = block(order);
    long[] model = new long[block.entryCount()];
    assertThat(model).hasSize((CLUSTER_BYTES * 8) >> order);
    Random random = new Random(7 + order);
    long mask = -1L >>> (64 - (1 << order));
    for (int i = 0; i < model.length; i++) {
      model[i] = random.nextInt(20) == 0 ? 0 : Math.max(1, random.nextLong() & mask & 0xffff);
      block.set(i, model[i]);
    }
    for (int from = 0; from <= model.length; from++) {
      assertThat(block.nextFree(from)).as("from %d", from).isEqualTo(firstZero(model, from));
    }
    for (int i = 0; i < model.length; i++) {
      assertThat(block.get(i)).isEqualTo(model[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 6})
  void countsTheFreeClustersSideBySide(int order) {
    RefcountBlock block = block(order);
    block.set(20, 1);
    assertThat(block.freeRun(10, 5)).isEqualTo(5);
    assertThat(block.freeRun(10, 100)).isEqualTo(10);
    assertThat(block.freeRun(20, 100)).isZero();
    assertThat(block.freeRun(block.entryCount() - 2, Integer.MAX_VALUE)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 6})
  void writesOnlyTheSectorsThatChanged(int order) {
    RefcountBlock block = block(order);
    assertThat(block.dirty()).isFalse();
    block.set(block.entryCount() - 1, 1);
    assertThat(block.dirty()).isTrue();
    assertThat(block.dirtyOffset()).isEqualTo(0x10000 + 512);
    assertThat(block.dirtyBytes().remaining()).isEqualTo(512);
    block.markClean();
    assertThat(block.dirty()).isFalse();
  }

  private static RefcountBlock block(int order) {
    return new RefcountBlock(
        0, 0x10000, new RefcountWidth(order), ByteBuffer.allocate(CLUSTER_BYTES));
  }

  private static int firstZero(long[] model, int from) {
    int index = from;
    while (index < model.length && model[index] != 0) {
      index++;
    }
    return index;
  }
}

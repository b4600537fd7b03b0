package dev.platter.api;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class IoVectorTest {
  private static final byte[] BYTES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  private final IoVector vector =
      IoVector.of(segment(0, 3), segment(3, 0), segment(3, 1), segment(4, 6));

  @Test
  void sizeIsTheSumOfTheSegments() {
    assertThat(vector.byteSize()).isEqualTo(10);
    assertThat(IoVector.of().byteSize()).isZero();
    assertThat(vector).hasToString("IoVector[4 segments, 10 bytes]");
  }

  @Test
  void everySliceHasTheBytesOfItsRange() {
    for (int from = 0; from <= 10; from++) {
      for (int to = from; to <= 10; to++) {
        IoVector slice = vector.slice(from, to - from);
        assertThat(slice.byteSize()).isEqualTo(to - from);
        assertThat(bytes(slice)).isEqualTo(Arrays.copyOfRange(BYTES, from, to));
        assertThat(slice.slice(0, slice.byteSize())).isSameAs(slice);
      }
    }
  }

  @Test
  void sliceSharesMemory() {
    byte[] own = BYTES.clone();
    IoVector.of(MemorySegment.ofArray(own)).slice(4, 2).segments().getFirst().fill((byte) 7);
    assertThat(own).containsExactly(0, 1, 2, 3, 7, 7, 6, 7, 8, 9);
  }

  @Test
  void sliceMustLieWithinTheVector() {
    for (long[] range : new long[][] {{0, 11}, {-1, 1}, {10, 1}, {1, Long.MAX_VALUE}, {3, -1}}) {
      assertThatThrownBy(() -> vector.slice(range[0], range[1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void listIsCopiedAndCannotBeChanged() {
    List<MemorySegment> list = new ArrayList<>(List.of(segment(0, 1)));
    IoVector copy = IoVector.of(list);
    list.clear();
    assertThat(copy.segments()).hasSize(1);
    assertThatThrownBy(() -> copy.segments().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  @SuppressWarnings("restricted") // nothing is read or written there
  void sumBeyond63BitsIsRefused() {
    MemorySegment huge = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    assertThatThrownBy(() -> IoVector.of(huge, huge)).isInstanceOf(ArithmeticException.class);
  }

  private static MemorySegment segment(int offset, int length) {
    return MemorySegment.ofArray(BYTES).asSlice(offset, length);
  }

  private static byte[] bytes(IoVector vector) {
    byte[] all = new byte[(int) vector.byteSize()];
    int at = 0;
    for (MemorySegment segment : vector.segments()) {
      MemorySegment.copy(segment, JAVA_BYTE, 0, all, at, (int) segment.byteSize());
      at += (int) segment.byteSize();
    }
    return all;
  }
}

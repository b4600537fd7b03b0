package dev.platter.harness.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.harness.memory.GuestMemory.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two adjacent regions [0x1000, 0x3000), a hole, and one more [0x8000, 0x9000). */
class GuestMemoryTest {
  private static final long TOP = Long.MIN_VALUE;

  private final MemorySegment low = Arena.ofAuto().allocate(0x1000, 16);
  private final MemorySegment next = Arena.ofAuto().allocate(0x1000, 16);
  private final MemorySegment high = Arena.ofAuto().allocate(0x1000, 16);
  private final GuestMemory memory =
      GuestMemory.of(new Region(0x8000, high), new Region(0x1000, low), new Region(0x2000, next));

  @ParameterizedTest
  @CsvSource({
    "0x1000, 0x2000, true",
    "0x1000, 0, true",
    "0x3000, 0, true",
    "0x1fff, 2, true",
    "0x2fff, 1, true",
    "0x8000, 0x1000, true",
    "0xfff, 1, false",
    "0xfff, 0, false",
    "0x2fff, 2, false",
    "0x1000, 0x2001, false",
    "0x5000, 1, false",
    "0x8fff, 2, false",
    "0x1000, 0x7fffffffffffffff, false",
    "0x7fffffffffffffff, 1, false",
    "0x7ffffffffffffff0, 0x7fffffffffffffff, false",
    "0x1000, -1, false",
    "-1, 1, false",
    "-16, 32, false",
    "-9223372036854775808, 0x1000, false",
  })
  void knowsWhatIsMemory(String address, String length, boolean contained) {
    assertThat(memory.contains(Long.decode(address), Long.decode(length))).isEqualTo(contained);
  }

  @Test
  void sliceSharesTheBytesOfItsRegion() throws GuestMemoryException {
    memory.slice(0x2010, 4).set(ValueLayout.JAVA_BYTE, 3, (byte) 7);

    assertThat(next.get(ValueLayout.JAVA_BYTE, 0x13)).isEqualTo((byte) 7);
  }

  @Test
  void sliceOfTwoRegionsIsRefused() {
    assertThatThrownBy(() -> memory.slice(0x1ff0, 0x20))
        .isInstanceOf(GuestMemoryException.class)
        .hasMessage("0x1ff0 + 32 bytes lies outside guest memory");
  }

  @Test
  void rangeAcrossAdjacentRegionsHasTwoSlices() throws GuestMemoryException {
    List<MemorySegment> slices = new ArrayList<>();

    memory.slices(0x1ff0, 0x30, slices);

    assertThat(slices).extracting(MemorySegment::byteSize).containsExactly(0x10L, 0x20L);
    assertThat(slices.getLast().address()).isEqualTo(next.address());
  }

  @Test
  void rangeWithAHoleHasNoSlices() {
    List<MemorySegment> slices = new ArrayList<>();

    assertThatThrownBy(() -> memory.slices(0x2ff0, 0x6000, slices))
        .isInstanceOf(GuestMemoryException.class);
    assertThat(slices).isEmpty();
  }

  @Test
  void numberAcrossRegionsIsReadWhole() throws GuestMemoryException {
    memory.write(0x1ffc, MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));

    assertThat(memory.readLong(0x1ffc)).isEqualTo(0x0807060504030201L);
    assertThat(next.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
  }

  @Test
  void copyOutsideOfMemoryTouchesNothing() throws GuestMemoryException {
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 1);

    assertThatThrownBy(() -> memory.write(0x2ff0, MemorySegment.ofArray(ones)))
        .isInstanceOf(GuestMemoryException.class);
    assertThat(memory.readLong(0x2ff0)).isZero();
    assertThatThrownBy(() -> memory.writeByte(TOP, (byte) 1))
        .isInstanceOf(GuestMemoryException.class);
  }

  @Test
  void overlappingRegionsAreRefused() {
    Region first = new Region(0, low);
    Region second = new Region(0xff0, next);

    assertThatThrownBy(() -> GuestMemory.of(first, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0xff0");
  }

  @Test
  void memoryThatCannotHoldARingIsRefused() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[64]);

    assertThatThrownBy(() -> new Region(0, bytes)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Region(8, low)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Region(0, low.asReadOnly()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Region(Long.MAX_VALUE - 15, low))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

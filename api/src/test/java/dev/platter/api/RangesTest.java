package dev.platter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.OutOfRangeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangesTest {
  private static final long MAX = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({"0,0", "0,512", "511,1", "512,0", "100,412"})
  void rangeWithinTheNodeIsAccepted(long offset, long length) throws OutOfRangeException {
    Ranges.check("disk", 512, offset, length);
  }

  @ParameterizedTest
  @CsvSource({
    "0,513",
    "512,1",
    "513,0",
    "-1,1",
    "0,-1",
    "-1,0",
    "9223372036854775807,1",
    "1,9223372036854775807",
    "-9223372036854775808,512"
  })
  void rangeBeyondTheNodeIsRefused(long offset, long length) {
    assertThatThrownBy(() -> Ranges.check("disk", 512, offset, length))
        .isInstanceOf(OutOfRangeException.class)
        .hasMessage("disk: request of %d bytes at 0x%x lies outside [0, 0x200)", length, offset);
  }

  @Test
  void largestNodeIsCheckedWithoutOverflow() throws OutOfRangeException {
    Ranges.check("disk", MAX, MAX, 0);
    Ranges.check("disk", MAX, 0, MAX);
    assertThatThrownBy(() -> Ranges.check("disk", MAX, 1, MAX))
        .isInstanceOf(OutOfRangeException.class);
  }

  @Test
  void alignmentRoundsToTheUnit() {
    assertThat(Ranges.alignDown(4095, 4096)).isZero();
    assertThat(Ranges.alignDown(4096, 4096)).isEqualTo(4096);
    assertThat(Ranges.alignDown(MAX, 1)).isEqualTo(MAX);
    assertThat(Ranges.alignUp(0, 4096)).isZero();
    assertThat(Ranges.alignUp(1, 4096)).isEqualTo(4096);
    assertThat(Ranges.alignUp(4096, 4096)).isEqualTo(4096);
    assertThat(Ranges.alignUp(MAX - 4095, 4096)).isEqualTo(MAX - 4095);
    assertThatThrownBy(() -> Ranges.alignUp(MAX, 2)).isInstanceOf(ArithmeticException.class);
  }
}

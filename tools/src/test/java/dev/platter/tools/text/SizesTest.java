package dev.platter.tools.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "512, 512 B",
    "999, 999 B",
    "1000, 0.977 KiB",
    "1024, 1 KiB",
    "1022976, 999 KiB",
    "1023488, 1e+03 KiB",
    "1024000, 0.977 MiB",
    "1048576, 1 MiB",
    "99900416, 95.3 MiB",
    "12345856, 11.8 MiB",
    "1610612736, 1.5 GiB",
    "1099511627776, 1 TiB",
    "9223372036854775807, 8 EiB"
  })
  void qemuImgWritesThreeDigits(long bytes, String text) {
    assertThat(Sizes.rounded(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "512, 512 bytes",
    "1024, 1 KiB",
    "1536, 1.500 KiB",
    "1048577, 1 MiB",
    "1179648, 1.125 MiB",
    "63897600, 60.938 MiB",
    "24.624543, 24.624543 bytes"
  })
  void qemuIoWritesThreeDecimalsUnlessTheyAreZero(double bytes, String text) {
    assertThat(Sizes.exact(bytes)).isEqualTo(text);
  }
}

package dev.platter.api.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.OptionException;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables hold what {@code qemu-img} and {@code qemu-io} 7.2 made of the same texts. */
class SizeTextTest {

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "0,0",
        "1,1",
        "010,10",
        "1b,1",
        "1B,1",
        "5k,5120",
        "5K,5120",
        "1g,1073741824",
        "1T,1099511627776",
        "1p,1125899906842624",
        "1E,1152921504606846976",
        "2.5M,2621440",
        "1.15M,1205862",
        "1.k,1024",
        "1.,1",
        "1.0,1",
        "1.0b,1",
        "0.1k,102",
        "1.9999k,2048",
        "0.00048828125k,1",
        "0.00048828124k,0",
        "3.5e,4035225266123964416",
        "15.9999E,18446628781559090944",
        "0x10,16",
        "0X10,16",
        "0x10k,16384",
        "0x1p,1125899906842624",
        "0x10b,267",
        "0x1e,30",
        "+5,5",
        " 5,5",
        " +0x10,16",
        "18446744073709551615,18446744073709551615"
      })
  void sizeIsReadAsQemuReadsIt(String text, BigInteger bytes) throws OptionException {
    assertThat(SizeText.bytes("offset", text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "k", ".5k", ".5", "1.5", "1.5b", "0.5b", "0x", "0x1.8k", "0x-5", "00x10", "1e3",
        "1.5e1k", "1..5k", "1.+5k", "1KiB", "1kb", "1ks", "-1", "-0", "5 ", "5 k", "1_000", "inf",
        "nan", "\u0661", "5\u212a"
      })
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> SizeText.bytes("offset", text))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'offset' expects a non-negative number below 2^64");
    assertThat(SizeText.find(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"16E", "18446744073709551616", "0xfffffffffffffffff", "99999999999P"})
  void sizeBeyond64BitsIsOutOfRange(String text) {
    assertThatThrownBy(() -> SizeText.bytes("offset", text))
        .isInstanceOf(OptionException.class)
        .hasMessage("Value '%s' is out of range for parameter 'offset'", text);
    assertThat(SizeText.find(text)).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "0,0",
        "010,8",
        "0x10,16",
        "0X1F,31",
        "+5,5",
        " 5,5",
        "-0,0",
        "-1,18446744073709551615",
        "18446744073709551615,18446744073709551615"
      })
  void wholeNumberIsReadAsQemuReadsIt(String text, BigInteger number) throws OptionException {
    assertThat(SizeText.wholeNumber("interval", text)).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "08", "1k", "1.0", "0x", "abc", "5 ", "0b1"})
  void whatIsNoWholeNumberIsRefused(String text) {
    assertThatThrownBy(() -> SizeText.wholeNumber("interval", text))
        .isInstanceOf(OptionException.class)
        .hasMessage("Parameter 'interval' expects a number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"18446744073709551616", "-18446744073709551616"})
  void wholeNumberBeyond64BitsIsTooLarge(String text) {
    assertThatThrownBy(() -> SizeText.wholeNumber("interval", text))
        .hasMessage("Value '%s' is too large for parameter 'interval'", text);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "1023,1023",
    "1024,1K",
    "1536,1536",
    "2621440,2560K",
    "1073741824,1G",
    "1152921504606846976,1E",
    "9223372036854775807,9223372036854775807"
  })
  void shortestTextIsWholeAndReadsBack(long bytes, String text) throws OptionException {
    assertThat(SizeText.shortest(bytes)).isEqualTo(text);
    assertThat(SizeText.bytes("size", text)).isEqualTo(BigInteger.valueOf(bytes));
  }

  @Test
  void refusalSaysWhatWasFoundAndWhatIsAllowed() {
    assertThatThrownBy(() -> SizeText.bytes("l2-cache-size", "1MB"))
        .isInstanceOfSatisfying(
            OptionException.class,
            e ->
                assertThat(e.problems())
                    .singleElement()
                    .satisfies(
                        problem -> {
                          assertThat(problem.key()).isEqualTo("l2-cache-size");
                          assertThat(problem.found()).isEqualTo("1MB");
                          assertThat(problem.allowed()).contains("suffix k, M, G, T, P or E");
                        }));
  }

  @Test
  void numberOfAnyLengthIsRefusedOrRead() throws OptionException {
    String nines = "9".repeat(1_000_000);
    assertThat(SizeText.bytes("size", "0".repeat(1_000_000) + "7"))
        .isEqualTo(BigInteger.valueOf(7));
    assertThatThrownBy(() -> SizeText.bytes("size", nines)).hasMessageContaining("out of range");
    assertThatThrownBy(() -> SizeText.bytes("size", "0x" + nines))
        .hasMessageContaining("out of range");
    assertThatThrownBy(() -> SizeText.wholeNumber("size", nines)).hasMessageContaining("too large");
  }
}

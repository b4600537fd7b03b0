package dev.platter.crypto;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LuksOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "cipher-alg, serpent-256",
    "cipher-alg, twofish-256",
    "cipher-alg, cast5-128",
    "cipher-mode, ctr",
    "hash-alg, ripemd160",
    "ivgen-hash-alg, ripemd160",
  })
  void whatIsNotSupportedIsRefusedByName(String option, String word) {
    assertThatThrownBy(() -> LuksOptions.parse(Map.of(option, word), Optional.empty()))
        .isInstanceOf(CryptoException.class)
        .hasMessage("'%s' as %s is not supported".formatted(word, option));
  }

  @ParameterizedTest
  @CsvSource({"cipher-alg, rot13", "cipher-mode, xxx", "ivgen-alg, random", "hash-alg, crc32"})
  void wordsWithoutAMeaningAreRefused(String option, String word) {
    assertThatThrownBy(() -> LuksOptions.parse(Map.of(option, word), Optional.empty()))
        .isInstanceOf(CryptoException.class)
        .hasMessage("Parameter '%s' does not accept value '%s'".formatted(option, word));
  }
}

package dev.platter.api.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {
  private static final List<String> KNOWN =
      List.of("cache-size", "l2-cache-size", "refcount-cache-size", "on", "qcow2", "raw");

  @ParameterizedTest
  @CsvSource({
    "l2-cahe-size,l2-cache-size", // left out
    "l2-cachee-size,l2-cache-size", // twice
    "12-cache-size,l2-cache-size", // another letter
    "l2-cahce-size,l2-cache-size", // swapped
    "cachesize,cache-size",
    "qcow3,qcow2",
    "row,raw",
    "om,on"
  })
  void nearWordIsFound(String word, String meant) {
    assertThat(Suggestions.nearest(word, KNOWN)).hasValue(meant);
  }

  @ParameterizedTest
  @CsvSource({"vmdk", "x", "lazy-refcounts", "cache"})
  void wordThatIsFarFromAllIsNotGuessed(String word) {
    assertThat(Suggestions.nearest(word, KNOWN)).isEmpty();
  }

  @Test
  void nothingIsFoundAmongNothing() {
    assertThat(Suggestions.nearest("", KNOWN)).isEmpty();
    assertThat(Suggestions.nearest("raw", List.of())).isEmpty();
  }
}

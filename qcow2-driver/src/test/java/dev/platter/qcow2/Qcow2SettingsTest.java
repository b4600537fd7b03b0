package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qcow2SettingsTest {

  @Test
  void defaultsKeepMetadataForEver() throws Exception {
    Qcow2Settings settings = Qcow2Settings.of(CacheSizesTest.values(null), header(3));

    assertThat(settings.cleanInterval()).isEqualTo(Duration.ZERO);
    assertThat(settings.passDiscardRequest()).isTrue();
    assertThat(settings.passDiscardOther()).isFalse();
    assertThat(settings.caches()).isEqualTo(new CacheSizes(1 << 20, 256 << 10, 4096));
  }

  @Test
  void cleanIntervalIsInSeconds() throws Exception {
    assertThat(
            Qcow2Settings.of(CacheSizesTest.values("cache-clean-interval=600"), header(3))
                .cleanInterval())
        .isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cache-clean-interval=4294967296 | Cache clean interval too big
          cache-clean-interval=-1 | Cache clean interval too big
          cache-clean-interval=1M | Parameter 'cache-clean-interval' expects a number
          l2-cahe-size=1M | Block format 'qcow2' does not support the option 'l2-cahe-size'
          lazy-refcounts=maybe | Parameter 'lazy-refcounts' expects 'on' or 'off'
          cache-size=x | Parameter 'cache-size' expects a non-negative number below 2^64
          cache-sizing=qemu-9 | Parameter 'cache-sizing' does not accept value 'qemu-9'
          overlap-check=foo | Unsupported value 'foo' for qcow2 option 'overlap-check'. \
          Allowed are any of the following: none, constant, cached, all
          """)
  void mistakesAreRefusedInQemusWords(String options, String message) {
    assertThatThrownBy(() -> Qcow2Settings.of(CacheSizesTest.values(options), header(3)))
        .isInstanceOf(OptionException.class)
        .hasMessage(message);
  }

  @Test
  void lazyRefcountsNeedVersionThree() {
    assertThatThrownBy(() -> Qcow2Settings.of(rightAlone("lazy-refcounts=on"), header(2)))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level");
  }

  @Test
  void encryptionMustBeInTheHeader() {
    assertThatThrownBy(() -> Qcow2Settings.of(rightAlone("encrypt.format=luks"), header(3)))
        .isInstanceOf(OptionException.class)
        .hasMessage("No encryption in image header, but options specified format 'luks'");
  }

  @Test
  void overlapCheckIsSaidOnce() {
    assertThatThrownBy(
            () ->
                Qcow2Settings.of(
                    rightAlone("overlap-check=none,overlap-check.template=all"), header(3)))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "Conflicting values for qcow2 options 'overlap-check' ('none') and"
                + " 'overlap-check.template' ('all')");
  }

  @Test
  void everythingThatDoesNotFitTheImageIsSaidAtOnce() {
    OptionException refusal =
        catchThrowableOfType(
            OptionException.class,
            () ->
                Qcow2Settings.of(
                    CacheSizesTest.values(
                        "cache-size=1000001,l2-cache-size=1000000,l2-cache-entry-size=3000"),
                    header(3)));

    assertThat(refusal.problems())
        .extracting(OptionProblem::key)
        .containsExactly("l2-cache-entry-size", "cache-size", "l2-cache-size");
    assertThat(refusal.problems())
        .extracting(OptionProblem::found)
        .containsExactly("3000", "1000001", "1000000");
  }

  /** Values that are right by themselves. */
  private static OptionValues rightAlone(String options) {
    return Qcow2Options.SCHEMA.read(
        "Block format 'qcow2'", CacheSizesTest.raw(options), new ArrayList<>());
  }

  @Test
  void lazyRefcountsAreTheImagesChoiceUnlessTheyAreGiven() throws Exception {
    Qcow2Header lazy = header(3).withFeatures(new FeatureBits(0, FeatureBits.LAZY_REFCOUNTS, 0));

    assertThat(Qcow2Settings.of(CacheSizesTest.values(null), lazy).lazyRefcounts()).isTrue();
    assertThat(Qcow2Settings.of(CacheSizesTest.values("lazy-refcounts=off"), lazy).lazyRefcounts())
        .isFalse();
    assertThat(Qcow2Settings.of(CacheSizesTest.values(null), header(3)).lazyRefcounts()).isFalse();
    assertThat(
            Qcow2Settings.of(CacheSizesTest.values("lazy-refcounts=on"), header(3)).lazyRefcounts())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cache-size=2M | main-header active-l1 active-l2 refcount-table refcount-block \
          snapshot-table inactive-l1 bitmap-directory
          overlap-check=none | ''
          overlap-check.template=none | ''
          overlap-check=constant | main-header active-l1 refcount-table snapshot-table \
          bitmap-directory
          overlap-check=constant,overlap-check.active-l1=off,overlap-check.inactive-l2=on | \
          main-header refcount-table snapshot-table inactive-l2 bitmap-directory
          overlap-check=none,overlap-check.template=none,overlap-check.active-l2=on | active-l2
          overlap-check=all | main-header active-l1 active-l2 refcount-table refcount-block \
          snapshot-table inactive-l1 inactive-l2 bitmap-directory
          """)
  void overlapChecksAreATemplateAndSwitches(String options, String kinds) throws Exception {
    assertThat(
            Qcow2Settings.of(CacheSizesTest.values(options), header(3)).overlapCheck().stream()
                .map(MetadataKind::optionName)
                .collect(Collectors.joining(" ")))
        .isEqualTo(kinds);
  }

  private static Qcow2Header header(int version) {
    return new Qcow2Header(
        version,
        0,
        Optional.empty(),
        16,
        1L << 30,
        Qcow2Header.CRYPT_NONE,
        TableLocation.NONE,
        TableLocation.NONE,
        TableLocation.NONE,
        FeatureBits.NONE,
        4,
        HeaderCodec.CREATED_BYTES,
        Qcow2Header.COMPRESSION_DEFLATE,
        ByteBuffer.allocate(7),
        List.of());
  }
}

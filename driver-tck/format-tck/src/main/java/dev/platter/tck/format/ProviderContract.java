package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.Capability;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a provider owes: it is found, it says what it is, and it knows its own images. */
public interface ProviderContract extends FormatFixture {

  @Test
  default void serviceLoaderFindsTheProviderOnce() {
    List<BlockDriverProvider> found =
        ServiceLoader.load(BlockDriverProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.name().equals(provider().name()))
            .toList();
    assertThat(found).singleElement().isInstanceOf(provider().getClass());
  }

  @Test
  default void providerSaysWhatItIs() {
    assertThat(provider().name()).matches("[a-z][a-z0-9_-]*");
    assertThat(provider().description()).isNotBlank();
  }

  @Test
  default void everyOptionIsDocumentedAndReadsBackItsDefault() throws IOException {
    for (OptionSchema schema : List.of(provider().options(), provider().createOptions())) {
      for (Option<?> option : schema.options()) {
        assertThat(option.name()).isNotBlank();
        assertThat(option.doc()).as("documentation of option %s", option.name()).isNotBlank();
        assertDefaultReadsBack(option);
      }
    }
  }

  private static <T> void assertDefaultReadsBack(Option<T> option) throws IOException {
    Optional<T> value = option.defaultValue();
    if (value.isPresent()) {
      String text = option.type().write(value.get());
      assertThat(option.type().read(option.name(), OptionValue.of(text)))
          .as("default of option %s", option.name())
          .isEqualTo(value.get());
    }
  }

  @Test
  default void probeKnowsItsOwnImagesAndNothingElse() throws IOException {
    needs(Capability.PROBE);
    assertThat(probe(head(image(new byte[diskBytes()])))).isPositive();
    byte[] ones = new byte[FormatDriverProvider.PROBE_BYTES];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(probe(ones)).isZero();
    assertThat(probe(new byte[FormatDriverProvider.PROBE_BYTES])).isZero();
    assertThat(probe(new byte[0])).isZero();
  }

  @Test
  default void probeSurvivesEveryHead() throws IOException {
    byte[] head = head(image(new byte[diskBytes()]));
    for (int length = 0; length <= Math.min(600, head.length); length++) {
      assertThat(probe(Arrays.copyOf(head, length))).isBetween(0, 100);
    }
    SplittableRandom random = new SplittableRandom(14);
    for (int length = 0; length < FormatDriverProvider.PROBE_BYTES; length += 61) {
      assertThat(probe(Seeds.bytes(random, length))).isBetween(0, 100);
    }
  }

  private int probe(byte[] head) {
    return provider().probe(MemorySegment.ofArray(head).asReadOnly(), "image");
  }

  private static byte[] head(MemoryNode image) throws IOException {
    byte[] head = new byte[(int) Math.min(image.size(), FormatDriverProvider.PROBE_BYTES)];
    image.reopen().read(0, head);
    return head;
  }
}

package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import org.junit.jupiter.api.Test;

class DriverRegistryTest {
  private final DriverRegistry registry =
      DriverRegistry.of(new ToyProvider(), new FlatProvider(), new MemoryFiles());

  @Test
  void driversAreFoundByNameAndListedInOrder() {
    assertThat(registry.find("toy")).isPresent();
    assertThat(registry.find("tox")).isEmpty();
    assertThat(registry.all())
        .extracting(BlockDriverProvider::name)
        .containsExactly("file", "raw", "toy");
  }

  @Test
  void missSaysWhatThereIsAndWhatWasMeant() {
    OptionException miss =
        catchThrowableOfType(OptionException.class, () -> DriverRegistry.require(registry, "toyy"));
    assertThat(miss).hasMessage("Unknown driver 'toyy'");
    OptionProblem problem = miss.problems().getFirst();
    assertThat(problem.key()).isEqualTo("driver");
    assertThat(problem.found()).isEqualTo("toyy");
    assertThat(problem.allowed()).isEqualTo("file, raw, toy");
    assertThat(problem.suggestion()).contains("toy");
  }

  @Test
  void twoDriversOfOneNameAreRefusedWithBothClasses() {
    assertThatThrownBy(() -> DriverRegistry.of(new ToyProvider(), new ToyProvider()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'toy'")
        .hasMessageContaining("dev.platter.graph.ToyProvider and dev.platter.graph.ToyProvider");
  }

  @Test
  void discoveryWithoutDriversIsEmpty() {
    assertThat(DriverRegistry.discover().all()).isEmpty();
  }
}

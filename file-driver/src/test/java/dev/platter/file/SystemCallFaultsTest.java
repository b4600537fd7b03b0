package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interrupted and short system calls, at every call of every scenario: nobody notices. */
class SystemCallFaultsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "OPEN_AND_LOCK, INTERRUPTED, 20",
    "READ, INTERRUPTED, 5",
    "READ, HALF, 4",
    "READ, ONE_BYTE, 4",
    "WRITE_AND_FLUSH, INTERRUPTED, 6",
    "WRITE_AND_FLUSH, HALF, 4",
    "WRITE_AND_FLUSH, ONE_BYTE, 4",
    "ZERO_AND_PUNCH, INTERRUPTED, 6",
    "RESIZE_AND_PREALLOCATE, INTERRUPTED, 5",
    "RESIZE_AND_PREALLOCATE, HALF, 1"
  })
  void faultAtAnyCallChangesNothing(String scenario, String fault, int least) throws Exception {
    assumeTrue(HostPlatform.hasNativeCalls(), "no native calls on this host");
    @SuppressWarnings("unchecked") // it is what the class says it is
    BiFunction<String, Path, Integer> faults =
        (BiFunction<String, Path, Integer>)
            new FaultyLinkage()
                .loadClass(SystemCallFaults.class.getName())
                .getConstructor()
                .newInstance();
    int injected = faults.apply(scenario + " " + fault, folder);
    System.out.printf("%s, %s: injected at %d calls, 0 failures%n", scenario, fault, injected);
    assertThat(injected).isGreaterThanOrEqualTo(least);
  }

  @Test
  void writeThatTheHostHasRefusedIsNotMadeAgain() throws Exception {
    assumeTrue(HostPlatform.hasNativeCalls(), "no native calls on this host");
    @SuppressWarnings("unchecked") // it is what the class says it is
    Function<Path, Integer> writes =
        (Function<Path, Integer>)
            new FaultyLinkage()
                .loadClass(RefusedWrites.class.getName())
                .getConstructor()
                .newInstance();
    assertThat(writes.apply(folder)).as("failures that the writer was told of").isEqualTo(3);
  }
}

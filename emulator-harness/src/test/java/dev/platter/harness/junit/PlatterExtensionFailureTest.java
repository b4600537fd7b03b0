package dev.platter.harness.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.harness.BlockRuntime;
import dev.platter.harness.guest.MockBlkDriver;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What the extension does to tests that misbehave: runs them, and looks at their failures. */
class PlatterExtensionFailureTest {
  private static Path lent;
  private static boolean watched;

  /** Runs only under the eyes of the tests below. */
  @ExtendWith(PlatterExtension.class)
  @EnabledIf("isWatched")
  static class Misbehaving {
    static boolean isWatched() {
      return watched;
    }

    @Test
    void leaks(BlockRuntime runtime, @Disk Path image) throws IOException {
      runtime.open("file=%s,node-name=forgotten".formatted(image));
    }

    @Test
    void fails(@Disk MockBlkDriver disk) throws IOException {
      disk.read(0, 512);
      throw new IllegalStateException("on purpose");
    }

    @Test
    void damages(@Disk Path image) throws IOException {
      byte[] bytes = Files.readAllBytes(image);
      bytes[65536 + 7] ^= 1; // an entry of the refcount table
      try (FileOutputStream out = new FileOutputStream(image.toFile())) {
        out.write(bytes);
      }
    }

    @Test
    void damagesAndSaysSo(@Disk(check = false) Path image) throws IOException {
      lent = image;
      Files.write(image, new byte[512]);
    }

    @Test
    void asksForWhatThereIsNot(@Disk(size = "much") MockBlkDriver disk) {}
  }

  private static TestExecutionResult run(String method) {
    List<TestExecutionResult> results = new ArrayList<>();
    watched = true;
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    Arrays.stream(Misbehaving.class.getDeclaredMethods())
                        .filter(candidate -> candidate.getName().equals(method))
                        .map(found -> DiscoverySelectors.selectMethod(Misbehaving.class, found))
                        .toList())
                .build(),
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  results.add(result);
                }
              }
            });
    watched = false;
    assertThat(results).hasSize(1);
    return results.getFirst();
  }

  @Test
  void nodeLeftOpenFailsTheTest() {
    assertThat(run("leaks").getThrowable())
        .get()
        .isInstanceOf(AssertionError.class)
        .asString()
        .contains("the test left nodes open", "forgotten");
  }

  @Test
  void failureCarriesRequestsAndNodes() {
    Throwable failure = run("fails").getThrowable().orElseThrow();

    assertThat(failure).hasMessage("on purpose");
    assertThat(failure.getSuppressed())
        .singleElement()
        .isInstanceOfSatisfying(
            TestDump.class,
            dump ->
                assertThat(dump)
                    .hasMessageContaining("queue 0: Read[sector=0, byteCount=512] -> OK")
                    .hasMessageContaining("FormatNode"));
  }

  @Test
  void damagedImageFailsTheTest() {
    assertThat(run("damages").getThrowable()).isPresent();
  }

  @Test
  void imageThatNeedNotBeCleanIsNotChecked() {
    assertThat(run("damagesAndSaysSo").getThrowable()).isEmpty();
    assertThat(lent.getParent()).doesNotExist();
  }

  @Test
  void mistakeInAnAnnotationIsNamed() {
    assertThat(run("asksForWhatThereIsNot").getThrowable())
        .get()
        .asString()
        .contains("Parameter 'size' expects");
  }
}

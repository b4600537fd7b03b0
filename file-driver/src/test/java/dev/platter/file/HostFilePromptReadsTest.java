package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.GrowingNode;
import dev.platter.api.PromptNode;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.file.FileNodes.Means;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads that are not to wait for the host's disk. */
class HostFilePromptReadsTest {
  private static final int LENGTH = 1 << 20;

  @TempDir Path folder;

  /** Opens a file of ones. */
  private PromptNode open(Means means) throws IOException {
    byte[] ones = new byte[LENGTH];
    Arrays.fill(ones, (byte) 1);
    Path file = Files.write(folder.resolve("disk"), ones);
    GrowingNode node = means.open(file);
    node.flush();
    return (PromptNode) node;
  }

  /** Asks the host to forget the file's pages; tests are skipped where it does not. */
  private void forget() throws IOException, InterruptedException {
    Process dd =
        new ProcessBuilder("dd", "if=" + folder.resolve("disk"), "iflag=nocache", "count=0")
            .redirectErrorStream(true)
            .start();
    dd.getInputStream().readAllBytes();
    assumeTrue(dd.waitFor() == 0, "no dd that lets the host forget a file");
  }

  @Test
  void whatTheHostHasInMemoryIsReadAndTheRestIsNot() throws Exception {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4096);
      assertThat(node.promptReads()).isTrue();
      assumeTrue(node.readPromptly(4096, memory), "a file system that cannot tell");
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(1);

      forget();
      assumeTrue(!node.readPromptly(4096, memory), "a file system in memory");
      node.read(4096, memory);
      assertThat(node.readPromptly(4096, memory)).as("now it is in memory").isTrue();
      assertThat(node.promptReads()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DIRECT", "CHANNEL"})
  void meansThatCannotTellSaySo(Means means) throws IOException {
    try (PromptNode node = open(means);
        Arena arena = Arena.ofConfined()) {
      assertThat(node.promptReads()).isFalse();
      assertThat(node.readPromptly(0, arena.allocate(4096, 4096))).isFalse();
    }
  }

  @Test
  void memoryOfTheHeapIsNotReadInto() throws IOException {
    try (PromptNode node = open(Means.NATIVE)) {
      assertThat(node.readPromptly(0, MemorySegment.ofArray(new byte[512]))).isFalse();
    }
  }

  @Test
  void rangeBeyondTheEndIsAFailure() throws IOException {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4096);
      assertThatThrownBy(() -> node.readPromptly(LENGTH - 1, memory))
          .isInstanceOf(OutOfRangeException.class);
    }
  }
}

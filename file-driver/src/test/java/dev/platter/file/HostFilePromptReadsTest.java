package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
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
import java.util.Collections;
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

  @Test
  void scatteredMemoryIsFilledByWhatTheHostHasInMemory() throws Exception {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      node.write(4096, ofHeap(2, 512));
      node.write(4096 + 512 + 1000, ofHeap(3, 96));
      MemorySegment first = arena.allocate(512);
      MemorySegment second = arena.allocate(1000);
      MemorySegment third = arena.allocate(96, 64);
      IoVector vector = IoVector.of(first, MemorySegment.NULL, second, third);
      assumeTrue(node.readPromptly(4096, vector), "a file system that cannot tell");

      assertThat(first.toArray(ValueLayout.JAVA_BYTE)).containsOnly(2);
      assertThat(second.toArray(ValueLayout.JAVA_BYTE)).containsOnly(1);
      assertThat(third.toArray(ValueLayout.JAVA_BYTE)).containsOnly(3);
    }
  }

  private static MemorySegment ofHeap(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void scatteredMemoryIsLeftUndoneWhereTheHostHasPartOfItInMemory() throws Exception {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment start = arena.allocate(4096);
      MemorySegment rest = arena.allocate(LENGTH - 4096);
      IoVector all = IoVector.of(start, rest);
      assumeTrue(node.readPromptly(0, all), "a file system that cannot tell");

      forget();
      node.read(0, start);
      assumeTrue(
          !node.readPromptly(LENGTH - 4096, arena.allocate(4096)),
          "a file system in memory, or a host that has read on");
      assertThat(node.readPromptly(0, all)).isFalse();
      rest.fill((byte) 9);
      node.read(0, all);
      assertThat(rest.toArray(ValueLayout.JAVA_BYTE)).containsOnly(1);
      assertThat(node.readPromptly(0, all)).as("now it is in memory").isTrue();
    }
  }

  @Test
  void moreSegmentsThanTheHostTakesAreNotReadInto() throws IOException {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1);
      assertThat(node.readPromptly(0, IoVector.of(Collections.nCopies(1025, memory)))).isFalse();
      assertThat(node.promptReads()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DIRECT", "CHANNEL"})
  void meansThatCannotTellSaySo(Means means) throws IOException {
    try (PromptNode node = open(means);
        Arena arena = Arena.ofConfined()) {
      assertThat(node.promptReads()).isFalse();
      MemorySegment memory = arena.allocate(4096, 4096);
      assertThat(node.readPromptly(0, memory)).isFalse();
      assertThat(node.readPromptly(0, IoVector.of(memory, memory))).isFalse();
    }
  }

  @Test
  void memoryOfTheHeapIsNotReadInto() throws IOException {
    try (PromptNode node = open(Means.NATIVE)) {
      assertThat(node.readPromptly(0, ofHeap(0, 512))).isFalse();
      IoVector vector = IoVector.of(Arena.ofAuto().allocate(512), ofHeap(0, 512));
      assertThat(node.readPromptly(0, vector)).isFalse();
    }
  }

  @Test
  void rangeBeyondTheEndIsAFailure() throws IOException {
    try (PromptNode node = open(Means.NATIVE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4096);
      assertThatThrownBy(() -> node.readPromptly(LENGTH - 1, memory))
          .isInstanceOf(OutOfRangeException.class);
      IoVector vector = IoVector.of(memory, memory);
      assertThatThrownBy(() -> node.readPromptly(LENGTH - 4096, vector))
          .isInstanceOf(OutOfRangeException.class);
      IoVector readOnly = IoVector.of(memory, memory.asReadOnly());
      assertThatThrownBy(() -> node.readPromptly(0, readOnly))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}

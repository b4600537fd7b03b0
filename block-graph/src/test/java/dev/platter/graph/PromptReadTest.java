package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.tck.fake.ColdNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads that are not to wait, through images whose files are partly not at hand. */
class PromptReadTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();
  private final AtomicReference<ColdNode> file = new AtomicReference<>();
  private final MemorySegment memory = MemorySegment.ofArray(new byte[2 * CLUSTER]);

  @BeforeEach
  void createChain() throws IOException {
    test.createToy("/base", 4 * CLUSTER);
    try (FormatNode base = test.open(TestGraph.toy("/base"))) {
      base.write(0, filled(1));
      base.write(CLUSTER, filled(2));
    }
    test.createToy("/overlay", 4 * CLUSTER, "/base", "toy");
    test.files.wrap("/base", this::cold);
  }

  private ColdNode cold(BlockNode bytes) {
    file.set(new ColdNode(bytes, Long.MAX_VALUE));
    return file.get();
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[CLUSTER];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void whatIsAtHandIsReadThroughTheChain() throws IOException {
    FormatNode base = test.open(TestGraph.toy("/base"));

    assertThat(base.promptReads()).isTrue();
    assertThat(base.readPromptly(0, memory)).isTrue();
    assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
    assertThat(memory.get(ValueLayout.JAVA_BYTE, CLUSTER)).isEqualTo((byte) 2);
    assertThat(base.readPromptly(2 * CLUSTER, memory)).as("a hole").isTrue();
    assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void whatIsNotAtHandIsLeftUndone() throws IOException {
    FormatNode base = test.open(TestGraph.toy("/base"));
    file.get().coldFrom(0);

    assertThat(base.readPromptly(0, memory)).isFalse();
    base.read(0, memory);
    assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
  }

  @Test
  void layersBelowAreAskedToo() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/overlay"))) {
      assertThat(disk.promptReads()).as("the overlay's file does not tell").isFalse();
      assertThat(disk.readPromptly(0, memory)).isTrue();
      file.get().coldFrom(0);
      assertThat(disk.readPromptly(0, memory)).isFalse();
      assertThat(disk.stats().read().count()).isEqualTo(1);
      assertThat(disk.stats().read().failed()).isZero();
    }
  }

  @Test
  void layersAreNotWalkedForTheFirstTime() throws IOException {
    test.createToy("/middle", 4 * CLUSTER, "/base", "toy");
    test.createToy("/top", 4 * CLUSTER, "/middle", "toy");
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/top"))) {
      assertThat(disk.readPromptly(0, memory)).as("what the middle holds is not known").isFalse();
      disk.read(0, memory);
      assertThat(disk.readPromptly(0, memory)).as("it is now").isTrue();
      assertThat(memory.get(ValueLayout.JAVA_BYTE, CLUSTER)).isEqualTo((byte) 2);
    }
  }

  @Test
  void requestsThatEndedPromptlyAreOver() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/base"));
    file.get().coldFrom(0);
    assertThat(disk.readPromptly(0, memory)).isFalse();
    disk.drain().close(); // would wait for a request that is still counted in
    disk.close();
  }

  @Test
  void rangeBeyondTheEndIsAFailure() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/base"))) {
      assertThatThrownBy(() -> disk.readPromptly(3 * CLUSTER, memory))
          .isInstanceOf(OutOfRangeException.class);
      assertThat(disk.stats().read().failed()).as("asked for again, and counted then").isZero();
    }
  }

  @Test
  void whileRequestsAreHeldNothingIsPrompt() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/base"))) {
      try (BlockBackend.Drained _ = disk.drain()) {
        assertThat(disk.readPromptly(0, memory)).isFalse();
      }
      assertThat(disk.readPromptly(0, memory)).isTrue();
    }
  }
}

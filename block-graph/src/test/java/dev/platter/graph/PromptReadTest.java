package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
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

  /** A cluster's worth of memory in two parts, of which the first ends beside no boundary. */
  private final IoVector scattered =
      IoVector.of(memory.asSlice(0, 100), memory.asSlice(100, CLUSTER - 100));

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
  void scatteredMemoryIsFilledThroughTheChain() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/overlay"))) {
      assertThat(disk.readPromptly(CLUSTER / 2, scattered)).as("across clusters").isTrue();
      assertThat(bytes(0, CLUSTER / 2)).containsOnly(1);
      assertThat(bytes(CLUSTER / 2, CLUSTER)).containsOnly(2);
      assertThat(disk.readPromptly(CLUSTER + CLUSTER / 2, scattered)).as("into a hole").isTrue();
      assertThat(bytes(0, CLUSTER / 2)).containsOnly(2);
      assertThat(bytes(CLUSTER / 2, CLUSTER)).containsOnly(0);
      assertThat(disk.stats().read().count()).isEqualTo(2);
      assertThat(disk.stats().read().bytes()).isEqualTo(2 * CLUSTER);
    }
  }

  private byte[] bytes(int from, int to) {
    return memory.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void scatteredMemoryIsLeftUndoneWherePartOfItIsNotAtHand() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/overlay"))) {
      assertThat(disk.readPromptly(CLUSTER / 2, scattered)).isTrue();
      file.get().coldFrom(file.get().size() - CLUSTER);
      assertThat(disk.readPromptly(CLUSTER / 2, scattered)).isFalse();
      assertThat(disk.readPromptly(0, scattered)).as("the first cluster is").isTrue();
      disk.read(CLUSTER / 2, scattered);
      assertThat(bytes(CLUSTER / 2, CLUSTER)).containsOnly(2);
      assertThat(disk.stats().read().count()).isEqualTo(3);
    }
  }

  @Test
  void scatteredMemoryIsFilledWithZerosPastTheEndOfTheBase() throws IOException {
    test.createToy("/long", 8 * CLUSTER, "/base", "toy");
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/long"))) {
      memory.fill((byte) 9);
      assertThat(disk.readPromptly(4 * CLUSTER - CLUSTER / 2, scattered)).isTrue();
      assertThat(bytes(0, CLUSTER)).containsOnly(0);
      assertThat(bytes(CLUSTER, 2 * CLUSTER)).as("behind the vector").containsOnly(9);
    }
  }

  @Test
  void layersAreNotWalkedForTheFirstTime() throws IOException {
    test.createToy("/middle", 4 * CLUSTER, "/base", "toy");
    test.createToy("/top", 4 * CLUSTER, "/middle", "toy");
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/top"))) {
      assertThat(disk.readPromptly(0, memory)).as("what the middle holds is not known").isFalse();
      assertThat(disk.readPromptly(0, scattered)).isFalse();
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
      assertThatThrownBy(() -> disk.readPromptly(4 * CLUSTER - 1, scattered))
          .isInstanceOf(OutOfRangeException.class);
      assertThat(disk.stats().read().failed()).as("asked for again, and counted then").isZero();
    }
  }

  @Test
  void whileRequestsAreHeldNothingIsPrompt() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/base"))) {
      try (BlockBackend.Drained _ = disk.drain()) {
        assertThat(disk.readPromptly(0, memory)).isFalse();
        assertThat(disk.readPromptly(0, scattered)).isFalse();
      }
      assertThat(disk.readPromptly(0, memory)).isTrue();
    }
  }
}

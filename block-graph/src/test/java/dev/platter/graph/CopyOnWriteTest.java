package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What requests to an image become at its file and at the files below. */
class CopyOnWriteTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();
  private RecordingNode topLog;
  private RecordingNode baseLog;
  private FaultyNode topFaults;

  @BeforeEach
  void createImages() throws IOException {
    test.createToy("/base", 8 * CLUSTER);
    test.createToy("/top", 8 * CLUSTER, "/base", "toy");
    try (BlockNode base = test.open(TestGraph.toy("/base"))) {
      base.write(0, filled(CLUSTER, 1));
    }
    test.files.wrap("/base", node -> baseLog = new RecordingNode(node));
    test.files.wrap("/top", node -> topLog = new RecordingNode(topFaults = new FaultyNode(node)));
  }

  @AfterEach
  void close() throws IOException {
    topFaults.heal();
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void fullClusterWriteReadsNothingAndIsOneWrite() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(CLUSTER, 2));
    assertThat(baseLog.log(Operation.Read.class)).isEmpty();
    assertThat(topLog.log()).singleElement().isInstanceOf(Operation.Write.class);
  }

  @Test
  void copiedEdgesAndDataAreOneWrite() throws IOException {
    FormatNode top = open("off");
    top.write(1000, filled(100, 2));
    assertThat(topLog.log(Operation.Write.class))
        .singleElement()
        .satisfies(write -> assertThat(write.bytes().byteSize()).isEqualTo(CLUSTER));
    byte[] expected = filled(CLUSTER, 1);
    Arrays.fill(expected, 1000, 1100, (byte) 2);
    assertThat(bytes(top, 0, CLUSTER)).isEqualTo(expected);
  }

  @Test
  void edgesOfZerosAreNotWrittenToFreshSpace() throws IOException {
    FormatNode top = open("off");
    top.write(CLUSTER + 1000, filled(100, 2));
    assertThat(topLog.log(Operation.Write.class))
        .singleElement()
        .satisfies(write -> assertThat(write.bytes().byteSize()).isEqualTo(100));
    assertThat(bytes(top, CLUSTER, 1000)).containsOnly(0);
    assertThat(bytes(top, CLUSTER + 1100, 1000)).containsOnly(0);
  }

  @Test
  void edgesOfZerosAreWrittenToReusedSpace() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(CLUSTER, 7));
    top.discard(0, CLUSTER);
    topLog.clear();
    top.write(CLUSTER + 1000, filled(100, 2));
    assertThat(topLog.log(Operation.Write.class))
        .singleElement()
        .satisfies(write -> assertThat(write.bytes().byteSize()).isEqualTo(CLUSTER));
    assertThat(bytes(top, CLUSTER, 1000)).containsOnly(0);
  }

  @Test
  void secondWriteGoesInPlace() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(CLUSTER, 2));
    topLog.clear();
    top.write(10, filled(20, 3));
    assertThat(topLog.log(Operation.Write.class))
        .singleElement()
        .satisfies(write -> assertThat(write.bytes().byteSize()).isEqualTo(20));
  }

  @Test
  void sharedClusterIsCopied() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(CLUSTER, 2));
    long before = top.extent(0, 1).hostOffset().orElseThrow();
    TestGraph.format(top).flag(0, ToyFormat.SHARED);
    top.write(0, filled(10, 3));
    assertThat(top.extent(0, 1).hostOffset().orElseThrow()).isNotEqualTo(before);
    assertThat(bytes(top, 10, 100)).containsOnly(2);
  }

  @Test
  void zerosOverZerosCostNothing() throws IOException {
    FormatNode top = open("off");
    top.writeZeroes(CLUSTER + 10, 100, ZeroMode.MAY_UNMAP);
    assertThat(topLog.log()).isEmpty();
  }

  @Test
  void zeroWriteReleasesWholeClustersAndWritesTheEdges() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(4 * CLUSTER, 2));
    topLog.clear();
    top.writeZeroes(100, 3 * CLUSTER, ZeroMode.MAY_UNMAP);
    assertThat(topLog.changes()).hasOnlyElementsOfTypes(Operation.WriteZeroes.class).hasSize(2);
    assertThat(bytes(top, 100, 3 * CLUSTER)).containsOnly(0);
    assertThat(bytes(top, 0, 100)).containsOnly(2);
    assertThat(bytes(top, 3 * CLUSTER + 100, CLUSTER - 100)).containsOnly(2);
  }

  @Test
  void zerosFoundInDataBecomeZeroWritesIfAsked() throws IOException {
    FormatNode top = open("unmap");
    top.write(0, new byte[2 * CLUSTER]);
    top.write(
        2 * CLUSTER,
        IoVector.of(MemorySegment.ofArray(new byte[CLUSTER]), MemorySegment.ofArray(new byte[9])));
    assertThat(topLog.log(Operation.Write.class)).isEmpty();
    assertThat(bytes(top, 0, CLUSTER)).containsOnly(0);
  }

  @Test
  void zerosInDataAreWrittenIfNotAsked() throws IOException {
    FormatNode top = open("off");
    top.write(0, new byte[2 * CLUSTER]);
    assertThat(topLog.log(Operation.Write.class)).hasSize(2);
  }

  @Test
  void discardIsIgnoredUnlessUnmapIsAskedFor() throws IOException {
    test.createToy("/plain", CLUSTER);
    FormatNode node = test.open(NodeSpec.of("toy").withChild("file", NodeSpec.file("/plain")));
    node.write(0, filled(CLUSTER, 5));
    node.discard(0, CLUSTER);
    assertThat(bytes(node, 0, CLUSTER)).containsOnly(5);
    open("off");
  }

  @Test
  void writeThroughFlushesAfterEveryChange() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top").with("cache.writeback", "off"));
    top.write(0, filled(CLUSTER, 2));
    assertThat(topLog.changes().getLast()).isInstanceOf(Operation.Flush.class);
    topLog.clear();
    top.writeZeroes(0, CLUSTER, ZeroMode.MAY_UNMAP);
    assertThat(topLog.changes().getLast()).isInstanceOf(Operation.Flush.class);
  }

  @Test
  void requestBeyondTheEndTouchesNothing() throws IOException {
    FormatNode top = open("off");
    for (long offset : new long[] {-1, 8 * CLUSTER - 1, 8 * CLUSTER + 1, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> top.write(offset, new byte[2]))
          .isInstanceOf(OutOfRangeException.class);
    }
    assertThat(topLog.log()).isEmpty();
  }

  @Test
  void failedWriteOfDataLeavesTheImageAsItWasAndGivesTheSpaceBack() throws IOException {
    FormatNode top = open("off");
    topFaults.failNth(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC);
    assertThatThrownBy(() -> top.write(100, filled(100, 2)))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    assertThat(bytes(top, 0, CLUSTER)).containsOnly(1);
    assertThat(TestGraph.format(top).freedCount()).isEqualTo(1);
    top.write(100, filled(100, 2));
    assertThat(bytes(top, 100, 100)).containsOnly(2);
  }

  @Test
  void failedFlushIsRememberedAndEndsWriting() throws IOException {
    FormatNode top = open("off");
    topFaults.failNth(FaultyNode.Kind.FLUSH, 1, Errno.EIO);
    assertThatThrownBy(top::flush).isInstanceOf(BlockIoException.class);
    assertThatThrownBy(top::flush)
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("flush after a failed flush");
    assertThatThrownBy(() -> top.write(0, new byte[1]))
        .isInstanceOf(ReadOnlyNodeException.class)
        .hasMessageContaining("an earlier flush failed");
    assertThat(top.readOnly()).isTrue();
    assertThat(bytes(top, 0, CLUSTER)).containsOnly(1);
  }

  @Test
  void damageMetAtRunTimeEndsWriting() throws IOException {
    FormatNode top = open("off");
    top.write(0, filled(CLUSTER, 2));
    TestGraph.format(top).flag(0, ToyFormat.DAMAGED);
    assertThatThrownBy(() -> bytes(top, 0, 1)).isInstanceOf(CorruptImageException.class);
    assertThatThrownBy(() -> top.write(CLUSTER, new byte[1]))
        .isInstanceOf(ReadOnlyNodeException.class)
        .hasMessageContaining("the image is corrupt");
    assertThat(bytes(top, CLUSTER, 1)).containsOnly(0);
  }

  @Test
  void partlyWritableRangeIsWrittenInPlaceWhereItCanBe() throws IOException {
    FormatNode top = open("off");
    top.write(CLUSTER, filled(CLUSTER, 2));
    topLog.clear();
    top.write(CLUSTER / 2, filled(2 * CLUSTER, 3));
    assertThat(topLog.log(Operation.Write.class))
        .extracting(write -> write.bytes().byteSize())
        .containsExactly((long) CLUSTER, (long) CLUSTER, (long) CLUSTER / 2);
    assertThat(bytes(top, CLUSTER / 2, 2 * CLUSTER)).containsOnly(3);
    assertThat(bytes(top, 0, CLUSTER / 2)).containsOnly(1);
  }

  private FormatNode open(String detectZeroes) throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top").with("detect-zeroes", detectZeroes));
    topLog.clear();
    baseLog.clear();
    return top;
  }

  private static byte[] bytes(BlockNode node, long offset, int length) throws IOException {
    byte[] found = new byte[length];
    node.read(offset, found);
    return found;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

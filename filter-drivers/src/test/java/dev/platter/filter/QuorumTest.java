package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.filter.QuorumNode.Pattern;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The filter {@code quorum} over nodes in memory. */
class QuorumTest {
  private static final int BYTES = 3 << 20; // several pieces of a read

  private final List<MemoryNode> disks =
      List.of(new MemoryNode("a", BYTES), new MemoryNode("b", BYTES), new MemoryNode("c", BYTES));
  private final List<FaultyNode> children = disks.stream().map(FaultyNode::new).toList();
  private final List<BlockEvent> events = new ArrayList<>();

  @Test
  void writesGoToAllNodes() throws IOException {
    BlockNode quorum = quorum(3, Pattern.VOTE);
    quorum.write(1000, filled(5000, 7));
    quorum.writeZeroes(2000, 1000, ZeroMode.MAY_UNMAP);
    quorum.discard(1000, 500);
    quorum.flush();
    for (MemoryNode disk : disks) {
      assertThat(disk.bytes()).isEqualTo(disks.getFirst().bytes());
      assertThat(read(disk, 1000, 1000)).containsOnly(7);
    }
    assertThat(read(quorum, 2000, 1000)).containsOnly(0);
    assertThat(events).isEmpty();
  }

  @Test
  void bytesThatMostNodesHoldWin() throws IOException {
    BlockNode quorum = quorum(2, Pattern.VOTE);
    quorum.write(0, filled(BYTES, 1));
    disks.get(1).write(2_000_000, filled(512, 9));
    assertThat(read(quorum, 0, BYTES)).containsOnly(1);
    assertThat(read(disks.get(1), 2_000_000, 512)).containsOnly(9);
    assertThat(events).singleElement().asString().contains("quorum: b differs from the others");
  }

  @Test
  void nodesThatAreOutvotedAreRewrittenIfThatIsAsked() throws IOException {
    BlockNode quorum = quorum(2, Pattern.VOTE_AND_REWRITE);
    quorum.write(0, filled(4096, 1));
    disks.get(2).write(512, filled(512, 9));
    assertThat(read(quorum, 0, 4096)).containsOnly(1);
    assertThat(read(disks.get(2), 0, 4096)).containsOnly(1);
  }

  @Test
  void tooFewVotesFailTheRead() throws IOException {
    BlockNode quorum = quorum(3, Pattern.VOTE);
    disks.get(1).write(0, filled(512, 9));
    assertThatThrownBy(() -> read(quorum, 0, 4096)).isInstanceOf(BlockIoException.class);
    assertThat(read(quorum, 4096, 512)).containsOnly(0);
  }

  @Test
  void ofEquallyManyVotesThoseOfTheLastWin() throws IOException {
    BlockNode quorum = quorum(1, Pattern.VOTE);
    for (int i = 0; i < 3; i++) {
      disks.get(i).write(0, filled(512, 1 + i));
    }
    assertThat(read(quorum, 0, 512)).containsOnly(3); // as QEMU counts
  }

  @Test
  void nodesThatDifferFailAReadThatVerifies() throws IOException {
    BlockNode quorum =
        new QuorumNode("q", List.copyOf(disks.subList(0, 2)), 2, Pattern.VERIFY, events::add);
    assertThat(read(quorum, 0, 512)).containsOnly(0);
    disks.getFirst().write(100, filled(1, 1));
    assertThatThrownBy(() -> read(quorum, 0, 512))
        .hasMessageContaining("offset=0 bytes=512 contents mismatch at offset 100");
  }

  @Test
  void failuresThatAreOutvotedAreReported() throws IOException {
    BlockNode quorum = quorum(2, Pattern.VOTE);
    children.get(0).failNth(FaultyNode.Kind.ALL, 1, Errno.EIO);
    quorum.write(0, filled(512, 1));
    children.get(1).failNth(FaultyNode.Kind.ALL, 1, Errno.EIO);
    quorum.flush();
    assertThat(read(quorum, 0, 512)).containsOnly(1);
    assertThat(events).hasSize(3); // the first node has not got the bytes
  }

  @Test
  void requestThatFailsInTooManyNodesFailsAsInMost() {
    BlockNode quorum = quorum(2, Pattern.VOTE);
    children.get(0).failNth(FaultyNode.Kind.ALL, 1, Errno.EIO);
    children.get(1).failNth(FaultyNode.Kind.ALL, 1, Errno.ENOSPC);
    children.get(2).failNth(FaultyNode.Kind.ALL, 1, Errno.ENOSPC);
    assertThatThrownBy(() -> quorum.write(0, filled(512, 1)))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
  }

  @Test
  void nodesAreReadInTurn() throws IOException {
    BlockNode quorum = quorum(1, Pattern.IN_TURN);
    for (int i = 0; i < 3; i++) {
      disks.get(i).write(0, filled(512, 1 + i));
    }
    assertThat(read(quorum, 0, 512)).containsOnly(1);
    children.get(0).failNth(FaultyNode.Kind.ALL, 1, Errno.EIO);
    assertThat(read(quorum, 0, 512)).containsOnly(2);
    children.forEach(child -> child.failNth(FaultyNode.Kind.ALL, 1, Errno.EIO));
    assertThatThrownBy(() -> read(quorum, 0, 512)).isInstanceOf(BlockIoException.class);
  }

  @Test
  void zerosAreKnownWhereAllNodesKnowThem() throws IOException {
    BlockNode quorum = quorum(1, Pattern.VOTE);
    assertThat(quorum.extent(0, BYTES).zero()).isTrue();
    disks.get(2).write(0, filled(1 << 16, 1));
    assertThat(quorum.extent(0, BYTES).data()).isTrue();
    assertThat(quorum.extent(0, BYTES).length()).isEqualTo(1 << 16);
    assertThat(quorum.extent(1 << 16, 1000).zero()).isTrue();
  }

  @Test
  void imageThatDiffersFromItsRawCopyIsFound() throws IOException {
    BlockNode verify = new BlkVerifyNode("v", children.get(0), children.get(1));
    verify.write(0, filled(4096, 5));
    verify.writeZeroes(512, 512, ZeroMode.KEEP_ALLOCATED);
    verify.flush();
    assertThat(read(verify, 1024, 512)).containsOnly(5);
    assertThat(disks.get(0).bytes()).isEqualTo(disks.get(1).bytes());
    disks.get(1).write(1025, filled(1, 6));
    assertThatThrownBy(() -> read(verify, 1024, 512))
        .hasMessageContaining(
            "blkverify: read offset=1024 bytes=512 contents mismatch at offset 1025");
    children.get(1).failNth(FaultyNode.Kind.ALL, 1, Errno.EIO);
    assertThatThrownBy(() -> verify.write(0, filled(512, 1)))
        .hasMessageContaining("blkverify: write offset=0 bytes=512 return value mismatch");
    children.forEach(child -> child.failNth(FaultyNode.Kind.ALL, 1, Errno.ENOSPC));
    assertThatThrownBy(() -> verify.write(0, filled(512, 1)))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
  }

  private BlockNode quorum(int threshold, Pattern pattern) {
    return new QuorumNode("q", List.copyOf(children), threshold, pattern, events::add);
  }

  private static byte[] read(BlockNode node, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    node.read(offset, bytes);
    return bytes;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

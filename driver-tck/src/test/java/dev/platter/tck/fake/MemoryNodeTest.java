package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.ZeroMode;
import dev.platter.tck.Capability;
import dev.platter.tck.Medium;
import dev.platter.tck.NodeContract;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryNodeTest extends NodeContract {
  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.GROW, Capability.SHRINK);
  }

  @Override
  public Medium medium(long size) {
    MemoryNode memory = new MemoryNode("memory", size);
    return readOnly -> readOnly ? memory.reopenReadOnly() : memory.reopen();
  }

  @Test
  void hugeEmptyNodeHoldsNoMemory() throws IOException {
    MemoryNode node = new MemoryNode("huge", 1L << 50);
    node.write((1L << 50) - 1, new byte[] {1});
    assertThat(node.allocatedBytes()).isEqualTo(64 << 10);
    node.discard(0, node.size());
    assertThat(node.allocatedBytes()).isZero();
    assertThat(node.discardedBytes()).isEqualTo(1L << 50);
  }

  @Test
  void copyKeepsTheBytesOfItsMoment() throws IOException {
    MemoryNode node = MemoryNode.of("disk", new byte[] {1, 2, 3});
    MemoryNode copy = node.copy();
    node.write(0, new byte[] {9});
    assertThat(copy.bytes()).containsExactly(1, 2, 3);
    assertThat(node.bytes()).containsExactly(9, 2, 3);
  }

  @Test
  void copiesThatShareBytesChangeApart() throws IOException {
    MemoryNode node = MemoryNode.of("disk", new byte[] {1, 2, 3});
    MemoryNode copy = node.copy();
    MemoryNode third = copy.copy();
    copy.writeZeroes(1, 1, ZeroMode.MAY_UNMAP);
    third.discard(0, 3);
    node.write(2, new byte[] {9});
    assertThat(node.bytes()).containsExactly(1, 2, 9);
    assertThat(copy.bytes()).containsExactly(1, 0, 3);
    assertThat(third.bytes()).containsExactly(0, 0, 0);
  }

  @Test
  void fingerprintIsThatOfTheBytes() throws IOException {
    MemoryNode node = MemoryNode.of("disk", new byte[] {1, 2, 3});
    MemoryNode copy = node.copy();
    assertThat(copy.fingerprint()).isEqualTo(node.fingerprint());
    copy.write(70_000, new byte[] {1});
    assertThat(copy.fingerprint()).isNotEqualTo(node.fingerprint());
    node.writeZeroes(70_000, 1, ZeroMode.KEEP_ALLOCATED);
    copy.write(70_000, new byte[] {0});
    assertThat(copy.fingerprint()).isEqualTo(node.fingerprint());
    copy.write(1, new byte[] {7});
    assertThat(copy.fingerprint()).isNotEqualTo(node.fingerprint());
  }
}

package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;

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
}

package dev.platter.tck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.NodeClosedException;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What closing owes: everything is durable, twice is once, and afterwards nothing works. */
public interface CloseContract extends NodeFixture {

  @Test
  default void closingTwiceDoesNothing() throws IOException {
    Medium medium = medium(new byte[diskBytes()]);
    BlockNode node = medium.open(true);
    node.close();
    node.close();
    medium.check();
  }

  @Test
  default void closeFlushes() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    DiskModel model = new DiskModel(diskBytes());
    byte[] bytes = Seeds.bytes(new SplittableRandom(11), 100_000);
    try (BlockNode node = medium.open()) {
      node.write(1000, bytes);
      model.write(1000, bytes);
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
  }

  @Test
  default void closedNodeRefusesEveryRequest() throws IOException {
    BlockNode node = medium(new byte[diskBytes()]).open(true);
    node.close();
    assertThatThrownBy(() -> node.read(0, new byte[1])).isInstanceOf(NodeClosedException.class);
    assertThatThrownBy(() -> node.extent(0, 1)).isInstanceOf(NodeClosedException.class);
    assertThatThrownBy(node::flush).isInstanceOf(NodeClosedException.class);
  }

  @Test
  default void closedWritableNodeRefusesEveryChange() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    BlockNode node = medium.open();
    node.close();
    assertThatThrownBy(() -> node.write(0, new byte[1])).isInstanceOf(NodeClosedException.class);
    assertThatThrownBy(() -> node.writeZeroes(0, 1, ZeroMode.MAY_UNMAP))
        .isInstanceOf(NodeClosedException.class);
    assertThatThrownBy(() -> node.discard(0, 1)).isInstanceOf(NodeClosedException.class);
    try (BlockNode again = medium.open()) {
      new DiskModel(diskBytes()).assertEquals(again);
    }
  }
}

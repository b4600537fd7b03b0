package dev.platter.api.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.platter.api.BlockNode;
import dev.platter.api.Child;
import dev.platter.api.error.OutOfRangeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import org.junit.jupiter.api.Test;

class BlockChannelTest {
  private final ArrayNode node = new ArrayNode((byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5);
  private final BlockChannel channel = new BlockChannel(Child.borrowed(node));

  @Test
  void readsInOrderAndStopsShortAtTheEndOnly() throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(3);
    assertThat(channel.read(dst)).isEqualTo(3);
    assertThat(dst.array()).containsExactly(1, 2, 3);
    assertThat(channel.position()).isEqualTo(3);
    dst.clear();
    assertThat(channel.read(dst)).isEqualTo(2);
    assertThat(dst.array()).containsExactly(4, 5, 3);
    assertThat(dst.remaining()).isEqualTo(1);
    assertThat(channel.read(dst)).isEqualTo(-1);
    assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
  }

  @Test
  void positionBeyondTheEndReadsNothing() throws IOException {
    assertThat(channel.position(99).read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(channel.position()).isEqualTo(99);
    assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void writesEverythingAtThePosition() throws IOException {
    channel.position(1);
    assertThat(channel.write(ByteBuffer.wrap(new byte[] {8, 9}))).isEqualTo(2);
    assertThat(node.bytes).containsExactly(1, 8, 9, 4, 5);
    assertThat(channel.position()).isEqualTo(3);
    assertThat(channel.write(ByteBuffer.allocate(0))).isZero();
  }

  @Test
  void writeBeyondTheEndOfANodeThatDoesNotGrowChangesNothing() throws IOException {
    channel.position(4);
    ByteBuffer src = ByteBuffer.wrap(new byte[] {8, 9});
    assertThatThrownBy(() -> channel.write(src)).isInstanceOf(OutOfRangeException.class);
    assertThat(node.bytes).containsExactly(1, 2, 3, 4, 5);
    assertThat(channel.position()).isEqualTo(4);
    assertThat(src.remaining()).isEqualTo(2);
  }

  @Test
  void truncateMakesTheNodeShorterAndNeverLonger() throws IOException {
    channel.position(5);
    assertThat(channel.truncate(7).size()).isEqualTo(5);
    assertThat(channel.position()).isEqualTo(5);
    assertThat(channel.truncate(2).size()).isEqualTo(2);
    assertThat(channel.position()).isEqualTo(2);
    assertThatThrownBy(() -> channel.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readOnlyNodeMakesAChannelThatCannotBeWritten() {
    BlockNode readOnly = mock(BlockNode.class);
    when(readOnly.readOnly()).thenReturn(true);
    BlockChannel reader = new BlockChannel(Child.borrowed(readOnly));
    assertThatThrownBy(() -> reader.write(ByteBuffer.allocate(1)))
        .isInstanceOf(NonWritableChannelException.class);
    assertThatThrownBy(() -> reader.truncate(0)).isInstanceOf(NonWritableChannelException.class);
  }

  @Test
  void closedChannelRefusesEverything() throws IOException {
    channel.close();
    channel.close();
    assertThat(channel.isOpen()).isFalse();
    assertThat(node.closeCount).as("closes of a borrowed node").isZero();
    ByteBuffer buffer = ByteBuffer.allocate(1);
    assertThatThrownBy(() -> channel.read(buffer)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> channel.write(buffer)).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(channel::position).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void ownedNodeIsClosedOnce() throws IOException {
    BlockChannel owner = new BlockChannel(Child.owned(node));
    owner.close();
    owner.close();
    assertThat(node.closeCount).isEqualTo(1);
  }
}

package dev.platter.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.CALLS_REAL_METHODS;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.withSettings;

import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** What a node need not implement itself. */
class BlockNodeDefaultsTest {
  private final BlockNode node = node(BlockNode.class);

  @Test
  void vectorIsTransferredSegmentBySegment() throws IOException {
    MemorySegment first = MemorySegment.ofArray(new byte[10]);
    MemorySegment second = MemorySegment.ofArray(new byte[20]);
    node.read(100, IoVector.of(first, second));
    node.write(100, IoVector.of(first, second));
    InOrder order = inOrder(node);
    order.verify(node).read(100, first);
    order.verify(node).read(110, second);
    order.verify(node).write(100, first);
    order.verify(node).write(110, second);
  }

  @Test
  void vectorThatEndsBeyondTheNodeTransfersNothing() throws IOException {
    IoVector vector =
        IoVector.of(MemorySegment.ofArray(new byte[512]), MemorySegment.ofArray(new byte[1]));
    assertThatThrownBy(() -> node.read(512, vector)).isInstanceOf(OutOfRangeException.class);
    assertThatThrownBy(() -> node.write(512, vector)).isInstanceOf(OutOfRangeException.class);
    verify(node, never()).read(anyLong(), any(MemorySegment.class));
    verify(node, never()).write(anyLong(), any(MemorySegment.class));
  }

  @Test
  void growingNodeTakesVectorsThatEndBeyondItsEnd() throws IOException {
    GrowingNode growing = node(GrowingNode.class);
    MemorySegment first = MemorySegment.ofArray(new byte[512]);
    MemorySegment second = MemorySegment.ofArray(new byte[1]);
    growing.write(512, IoVector.of(first, second));
    verify(growing).write(512, first);
    verify(growing).write(1024, second);
    assertThatThrownBy(() -> growing.read(512, IoVector.of(first, second)))
        .isInstanceOf(OutOfRangeException.class);
  }

  @Test
  void byteBufferIsConsumedWhenItWasTransferredAndOnlyThen() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(10).position(2).limit(8);
    node.read(0, buffer);
    assertThat(buffer.position()).isEqualTo(8);
    buffer.flip();
    node.write(0, buffer);
    assertThat(buffer.hasRemaining()).isFalse();
  }

  @Test
  void nodeCannotBeResizedUnlessItSaysSo() {
    assertThatThrownBy(() -> node.resize(1, Preallocation.OFF))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("disk: this node cannot be resized");
  }

  @Test
  void childClosesWhatItOwns() throws IOException {
    Child.borrowed(node).close();
    verify(node, never()).close();
    Child.owned(node).close();
    verify(node).close();
  }

  /** A node of 1024 bytes that does nothing, and has the defaults. */
  private static <T extends BlockNode> T node(Class<T> type) {
    T mocked =
        mock(
            type,
            withSettings()
                .defaultAnswer(
                    call -> call.getMethod().isDefault() ? CALLS_REAL_METHODS.answer(call) : null));
    doReturn("disk").when(mocked).name();
    doReturn(1024L).when(mocked).size();
    return mocked;
  }
}

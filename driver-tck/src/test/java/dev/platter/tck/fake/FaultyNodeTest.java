package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode.Kind;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FaultyNodeTest {
  private final MemoryNode memory = new MemoryNode("disk", 4096);
  private final FaultyNode node = new FaultyNode(memory);

  @Test
  void failsOnlyTheNthCall() throws IOException {
    node.failNth(Kind.WRITE, 2, Errno.ENOSPC);
    node.write(0, new byte[512]);
    assertThatThrownBy(() -> node.write(512, new byte[512]))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    assertThatCode(() -> node.write(512, new byte[512])).doesNotThrowAnyException();
    assertThat(node.calls(Kind.WRITE)).isEqualTo(3);
    assertThat(node.failures()).isEqualTo(1);
  }

  @Test
  void failsFromTheNthCallUntilHealed() throws IOException {
    node.failFrom(Kind.FLUSH, 1, Errno.EIO);
    assertThatThrownBy(node::flush).isInstanceOf(BlockIoException.class);
    assertThatThrownBy(node::flush).isInstanceOf(BlockIoException.class);
    node.heal();
    node.flush();
    assertThat(node.calls(Kind.FLUSH)).isEqualTo(3);
  }

  @Test
  void countsCallsOfSeveralKindsTogether() throws IOException {
    node.failNth(Kind.CHANGES, 3, Errno.EIO);
    node.write(0, new byte[1]);
    node.read(0, new byte[1]);
    node.flush();
    assertThatThrownBy(() -> node.discard(0, 1)).isInstanceOf(BlockIoException.class);
  }

  @Test
  void failedWriteLeavesTheBytesAsTheyWere() throws IOException {
    memory.write(0, new byte[] {7});
    node.failNth(Kind.WRITE, 1, Errno.EIO);
    assertThatThrownBy(() -> node.write(0, new byte[] {9})).isInstanceOf(BlockIoException.class);
    assertThat(memory.bytes()[0]).isEqualTo((byte) 7);
  }

  @Test
  void tornWriteLeavesWholeSectors() {
    byte[] ones = new byte[2048];
    Arrays.fill(ones, (byte) 1);
    node.tearWrites().failNth(Kind.WRITE, 1, Errno.EIO);
    assertThatThrownBy(() -> node.write(0, ones)).isInstanceOf(BlockIoException.class);
    assertThat(memory.bytes()[1023]).isEqualTo((byte) 1);
    assertThat(memory.bytes()[1024]).isZero();
  }
}

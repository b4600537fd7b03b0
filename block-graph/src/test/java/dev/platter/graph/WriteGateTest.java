package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnfinishedFlushException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class WriteGateTest {
  private final WriteGate gate = new WriteGate("disk", false);

  /** The host may have said that data is lost, and the next flush would not say it again. */
  @Test
  void whateverAFlushThrowsClosesTheGate() {
    OutOfMemoryError error = new OutOfMemoryError("on purpose");
    Disk disk =
        new Disk(
            () -> {
              throw error;
            });
    assertThatThrownBy(() -> gate.flush(disk)).isSameAs(error);
    assertThatThrownBy(gate::admit)
        .isInstanceOf(ReadOnlyNodeException.class)
        .hasMessageContaining("an earlier flush failed");
    assertThatThrownBy(() -> gate.flush(new Disk(() -> {})))
        .isInstanceOf(BlockIoException.class)
        .hasMessageContaining("flush after a failed flush")
        .hasCause(error);
  }

  @Test
  void aFlushThatWasNotFinishedLeavesItOpen() throws IOException {
    BlockIoException full = new BlockIoException("disk", "write", Errno.ENOSPC);
    Disk disk =
        new Disk(
            () -> {
              throw new UnfinishedFlushException("disk", full);
            });
    assertThatThrownBy(() -> gate.flush(disk)).isInstanceOf(UnfinishedFlushException.class);
    gate.admit();
    gate.flush(new Disk(() -> {}));
    assertThat(gate.closed()).isFalse();
  }

  @FunctionalInterface
  private interface Flush {
    void run() throws IOException;
  }

  /** An empty disk that is flushed in some way. */
  private record Disk(Flush flushing) implements FormatDriver {
    @Override
    public void flush() throws IOException {
      flushing.run();
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public BlockLimits limits() {
      throw new UnsupportedOperationException();
    }

    @Override
    public BlockNode data() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Mapping map(long guestOffset, long length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}

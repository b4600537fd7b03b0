package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** A gate before a driver whose flushes fail: nobody who knows of a failure is let in. */
public class WriteGateLincheckTest {
  private final WriteGate gate = new WriteGate("disk", false);
  private final FormatDriver driver = new FailingDriver();

  /** An empty disk that cannot be flushed. */
  private record FailingDriver() implements FormatDriver {
    @Override
    public void flush() throws IOException {
      throw new BlockIoException("disk", "flush", Errno.EIO);
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

  @Operation
  public boolean flush() {
    try {
      gate.flush(driver);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Operation
  public boolean write() {
    try {
      gate.admit();
      return true;
    } catch (ReadOnlyNodeException e) {
      return false;
    }
  }

  /** Open until the first flush. */
  public static class Gate {
    private boolean closed;

    public boolean flush() {
      closed = true;
      return false;
    }

    public boolean write() {
      return !closed;
    }
  }

  @Test
  void nobodyWritesAfterAFailedFlush() {
    new ModelCheckingOptions()
        .sequentialSpecification(Gate.class)
        .iterations(10 * Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(500)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0) // which would close the gate
        .check(getClass());
  }
}

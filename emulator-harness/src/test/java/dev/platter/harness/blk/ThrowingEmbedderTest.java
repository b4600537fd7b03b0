package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.harness.RawRing;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners and interrupt lines that throw whatever they are told: requests end all the same. */
@Timeout(60)
class ThrowingEmbedderTest {
  private static final long FAILING_SECTOR = 8;
  private static final long LONG_SECTOR = 16;

  private final List<String> told = new ArrayList<>();
  private final List<String> handled = new ArrayList<>();
  private final Disk disk = new Disk();
  private final HeldExecutor held = new HeldExecutor();
  private Thread.UncaughtExceptionHandler handlerBefore;
  private RawDevice raw;

  /** A disk of which one sector fails, and of which another's reads take as long as it takes. */
  private static final class Disk extends ForwardingNode {
    private boolean failing = true;
    private Runnable meanwhile = () -> {};

    Disk() {
      super("disk", new MemoryNode("memory", 1 << 20));
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      if (offset == FAILING_SECTOR * 512 && failing) {
        throw new BlockIoException(name(), "read", Errno.EIO);
      }
      if (offset == LONG_SECTOR * 512) {
        meanwhile.run();
      }
      super.read(offset, dst);
    }
  }

  private void tell(String what) {
    told.add(what);
    throw new IllegalStateException(what);
  }

  private final class ThrowingListener implements AccessListener {
    @Override
    public void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {
      tell("completed " + status);
    }

    @Override
    public void failed(
        int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
      tell("failed " + action);
    }

    @Override
    public void broken(String message) {
      tell("broken");
    }
  }

  private final class ThrowingLine implements InterruptLine {
    @Override
    public void queueInterrupt(int queueIndex) {
      tell("interrupt");
    }

    @Override
    public void configurationChanged() {
      tell("configuration");
    }
  }

  @BeforeEach
  void listenToHandler() {
    handlerBefore = Thread.currentThread().getUncaughtExceptionHandler();
    Thread.currentThread()
        .setUncaughtExceptionHandler((_, thrown) -> handled.add(thrown.getMessage()));
  }

  @AfterEach
  void resetReturns() {
    raw.device.writeStatus(0); // waits for what has begun and not ended
    raw.device.close();
    Thread.currentThread().setUncaughtExceptionHandler(handlerBefore);
    assertThat(handled).containsExactlyElementsOf(told);
  }

  private void start(ErrorAction action, RequestExecutor executor) {
    BlkOptions options = BlkOptions.builder().errorPolicy(new ErrorPolicy(action, action)).build();
    RawRing ring = new RawRing(RawDevice.SIZE);
    raw =
        new RawDevice(ring, disk, options, executor, new ThrowingLine(), new ThrowingListener())
            .start(0);
  }

  private int status() {
    return raw.ring.byteAt(RawDevice.STATUS);
  }

  @Test
  void requestIsCompletedWhateverTheListenerThrows() {
    start(ErrorAction.REPORT, RequestExecutor.inline());
    raw.availableRead(0).kick();

    assertThat(told).containsExactly("completed OK", "interrupt");
    assertThat(status()).isEqualTo(BlkStatus.OK.code());
    assertThat(raw.ring.usedIndex()).isEqualTo(1);

    raw.availableRead(1).kick(); // of which the device is told
    assertThat(raw.ring.usedIndex()).isEqualTo(2);
  }

  @Test
  void failureIsReportedWhateverTheListenerThrows() {
    start(ErrorAction.REPORT, RequestExecutor.inline());
    raw.availableRead(FAILING_SECTOR).kick();

    assertThat(told).containsExactly("failed REPORT", "completed IOERR", "interrupt");
    assertThat(status()).isEqualTo(BlkStatus.IOERR.code());
    assertThat(raw.ring.usedIndex()).isEqualTo(1);
  }

  @Test
  void requestIsHeldAndDoneAgainWhateverTheListenerThrows() {
    start(ErrorAction.STOP, RequestExecutor.inline());
    raw.availableRead(FAILING_SECTOR).kick();
    assertThat(raw.device.stopped()).isTrue();
    disk.failing = false;
    raw.device.resume();

    assertThat(told).containsExactly("failed STOP", "completed OK", "interrupt");
    assertThat(status()).isEqualTo(BlkStatus.OK.code());
    assertThat(raw.ring.usedIndex()).isEqualTo(1);
  }

  @Test
  void resumeIsNotLostWithTheInterruptOfTheLastRequestUnderWay() {
    start(ErrorAction.STOP, held);
    raw.availableRead(LONG_SECTOR).kick();
    raw.availableRead(FAILING_SECTOR).kick();
    Runnable first = held.waiting.remove();
    disk.meanwhile =
        () -> {
          held.runAll(); // fails, and stops the device
          held.stopHolding();
          disk.failing = false;
          raw.device.resume(); // waits for the first
        };
    first.run();

    assertThat(told)
        .containsExactly("failed STOP", "completed OK", "interrupt", "completed OK", "interrupt");
    assertThat(raw.device.stopped()).isFalse();
    assertThat(raw.ring.usedIndex()).isEqualTo(2);
  }

  @Test
  void guestIsToldThatADeviceIsBrokenWhateverTheListenerThrows() {
    start(ErrorAction.REPORT, RequestExecutor.inline());
    raw.ring.moveAvailIndex(RawDevice.SIZE + 1);
    raw.kick();

    assertThat(told).containsExactly("broken", "configuration");
    assertThat(raw.needsReset()).isTrue();
  }
}

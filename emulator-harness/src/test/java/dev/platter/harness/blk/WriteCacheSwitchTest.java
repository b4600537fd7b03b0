package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes on beside the switch of the write cache: once it is off, all writes are durable. */
@Timeout(60)
class WriteCacheSwitchTest {
  private static final long FEATURES = BlkFeatures.CONFIG_WCE | BlkFeatures.FLUSH;

  private final RecordingNode log = new RecordingNode(new MemoryNode("disk", 1 << 20));
  private final HookedNode node = new HookedNode(log);

  /** A disk at whose next change, or behind whose next flush, something else happens. */
  private static final class HookedNode extends ForwardingNode {
    private Runnable beforeChange = () -> {};
    private Runnable afterFlush = () -> {};

    HookedNode(BlockNode below) {
      super("hooked", below);
    }

    private void change() {
      Runnable hook = beforeChange;
      beforeChange = () -> {};
      hook.run();
    }

    @Override
    public void write(long offset, MemorySegment src) throws IOException {
      change();
      super.write(offset, src);
    }

    @Override
    public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
      change();
      super.writeZeroes(offset, length, mode);
    }

    @Override
    public void discard(long offset, long length) throws IOException {
      change();
      super.discard(offset, length);
    }

    @Override
    public void flush() throws IOException {
      super.flush();
      Runnable hook = afterFlush;
      afterFlush = () -> {};
      hook.run();
    }
  }

  /** A change of the disk, made through a driver. */
  private interface Change {
    void make(TestMachine machine) throws Exception;
  }

  /** Makes a change that moves its data when the switch, which came after it, is over. */
  private void assertDurableAcrossTheSwitch(Change change) throws Exception {
    try (TestMachine machine = TestMachine.of(node)) {
      node.beforeChange = () -> machine.driver().setWriteback(false);
      change.make(machine);
      assertThat(configuredWriteback(machine.device())).isZero();
    }
    assertThat(log.log()).hasSizeGreaterThan(2);
    assertThat(log.log()).first().as("of the switch").isEqualTo(new Operation.Flush());
    assertThat(log.log()).last().as("of the change").isEqualTo(new Operation.Flush());
    assertThat(log.count(Operation.Flush.class)).isEqualTo(2);
  }

  private static byte configuredWriteback(VirtioBlkDevice device) {
    byte[] field = new byte[1];
    device.readConfiguration(BlkConfiguration.WRITEBACK_OFFSET, MemorySegment.ofArray(field));
    return field[0];
  }

  @Test
  void writeUnderWayIsDurableWhenItCompletes() throws Exception {
    assertDurableAcrossTheSwitch(machine -> machine.driver().write(0, new byte[512]));
  }

  @Test
  void writeOfZerosUnderWayIsDurableWhenItCompletes() throws Exception {
    assertDurableAcrossTheSwitch(machine -> machine.driver().writeZeroes(0, 512, true));
  }

  @Test
  void discardUnderWayIsDurableWhenItCompletes() throws Exception {
    assertDurableAcrossTheSwitch(machine -> machine.driver().discard(0, 512));
  }

  @Test
  void runOfWritesUnderWayIsDurableWhenItCompletes() throws Exception {
    assertDurableAcrossTheSwitch(
        machine -> {
          List<GuestRequest> requests = new ArrayList<>();
          for (int sector = 0; sector < 2; sector++) {
            requests.add(machine.driver().newRequest(512).write(sector, 512));
          }
          requests.forEach(machine.driver().queue(0)::offer);
          machine.driver().queue(0).kick();
          assertThat(requests).extracting(GuestRequest::status).containsOnly(BlkStatus.OK);
        });
  }

  @Test
  void driverOkDuringTheSwitchDoesNotUndoIt() {
    RawDevice raw = negotiated();
    raw.availableWrite(0);
    node.afterFlush = raw::driverOk; // which serves what is available
    switchOff(raw.device);

    assertThat(configuredWriteback(raw.device)).isZero();
    assertThat(raw.ring.usedIndex()).isEqualTo(1);
    assertThat(log.log()).hasSize(3).last().isEqualTo(new Operation.Flush());

    raw.availableWrite(1).kick();
    assertThat(log.log()).hasSize(5).last().isEqualTo(new Operation.Flush());
  }

  @Test
  void deviceStartedAnewDuringTheSwitchHasItsWriteCache() {
    RawDevice raw = negotiated();
    raw.driverOk();
    node.afterFlush =
        () -> {
          raw.device.writeStatus(0);
          raw.start(FEATURES).availableWrite(0).kick();
        };
    switchOff(raw.device);

    assertThat(configuredWriteback(raw.device)).isEqualTo((byte) 1);
    assertThat(raw.ring.usedIndex()).isEqualTo(1);
    assertThat(log.count(Operation.Flush.class)).as("of the switch").isEqualTo(1);
  }

  private RawDevice negotiated() {
    RawDevice raw =
        new RawDevice(
            node, BlkOptions.DEFAULT, RequestExecutor.inline(), mock(InterruptLine.class));
    return raw.negotiate(FEATURES);
  }

  private static void switchOff(VirtioBlkDevice device) {
    device.writeConfiguration(
        BlkConfiguration.WRITEBACK_OFFSET, MemorySegment.ofArray(new byte[1]));
  }
}

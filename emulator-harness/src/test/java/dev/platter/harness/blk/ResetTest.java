package dev.platter.harness.blk;

import static dev.platter.harness.blk.RawDevice.DATA;
import static dev.platter.harness.blk.RawDevice.STATUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import dev.platter.harness.RawRing;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reset ends a generation: nothing of it touches guest memory afterwards. */
@Timeout(60)
class ResetTest {
  private static final byte[] MARK = {0x5a};

  private final InterruptLine line = mock(InterruptLine.class);

  @Test
  void requestThatHasNotBegunIsDropped() {
    RecordingNode node = new RecordingNode(new MemoryNode("disk", 1 << 20));
    HeldExecutor executor = new HeldExecutor();
    RawDevice raw = new RawDevice(node, BlkOptions.DEFAULT, executor, line);
    raw.start(0).availableRead(0).kick();
    raw.ring.setByte(DATA, MARK[0]);

    raw.device.writeStatus(0);
    executor.runAll();

    assertThat(raw.ring.byteAt(DATA)).isEqualTo(MARK[0]);
    assertThat(raw.ring.byteAt(STATUS)).isEqualTo(0xff);
    assertThat(raw.ring.usedIndex()).isZero();
    assertThat(node.log()).isEmpty();
    verify(line, never()).queueInterrupt(anyInt());
  }

  @Test
  void oldRequestDoesNotCompleteInTheNextGeneration() {
    HeldExecutor executor = new HeldExecutor();
    RawDevice raw =
        new RawDevice(new MemoryNode("disk", 1 << 20), BlkOptions.DEFAULT, executor, line);
    raw.start(0).availableRead(0).kick();
    Runnable old = executor.waiting.remove();

    raw.device.writeStatus(0);
    raw.ring.moveAvailIndex(0);
    raw.start(0).availableRead(1).kick();
    old.run();
    assertThat(raw.ring.usedIndex()).isZero();

    executor.runAll();
    assertThat(raw.ring.usedIndex()).isEqualTo(1);
  }

  @Test
  void resetWaitsForARequestThatHasBegunAndDropsItsCompletion() throws Exception {
    GateNode node = new GateNode();
    RequestExecutor executor = RequestExecutor.workers(1);
    RawDevice raw = new RawDevice(node, BlkOptions.DEFAULT, executor, line);
    raw.start(0).availableRead(0).kick();
    node.reading.await();

    Thread reset = Thread.ofPlatform().start(() -> raw.device.writeStatus(0));
    while (reset.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    node.go.countDown();
    reset.join();
    executor.close();

    assertThat(raw.ring.byteAt(STATUS)).isEqualTo(0xff);
    assertThat(raw.ring.usedIndex()).isZero();
    assertThat(raw.device.status()).isZero();
    verify(line, never()).queueInterrupt(anyInt());
  }

  /** A lock that another processor takes, for a while, as soon as it is free. */
  private static final class ContendedLock extends DeviceLock {
    private Runnable other = () -> {};

    @Override
    public void close() {
      super.close();
      if (!held()) {
        Runnable now = other;
        other = () -> {};
        now.run();
      }
    }
  }

  @Test
  void processorsThatStartTheDeviceAtOnceLeaveNoQueueRunningAfterAnUnplug() {
    HeldExecutor executor = new HeldExecutor();
    ContendedLock lock = new ContendedLock();
    RawDevice raw =
        new RawDevice(
            new RawRing(RawDevice.SIZE),
            new MemoryNode("disk", 1 << 20),
            BlkOptions.DEFAULT,
            executor,
            line,
            AccessListener.NONE,
            lock);
    raw.availableRead(0).negotiate(0);
    raw.ring.setByte(DATA, MARK[0]);

    lock.other = () -> raw.device.writeStatus(0);
    raw.driverOk();
    assertThat(raw.device.status()).isZero();
    assertThat(executor.waiting).isEmpty();

    raw.negotiate(0);
    lock.other =
        () -> {
          raw.device.writeStatus(0);
          raw.start(0);
        };
    raw.driverOk();
    raw.device.unplug();
    executor.runAll();

    assertThat(raw.ring.byteAt(DATA)).isEqualTo(MARK[0]);
    assertThat(raw.ring.usedIndex()).isZero();
  }

  @Test
  void disksAreResetAndStartedAnewUnderLoad() {
    Seeds.run(
        random -> {
          MemoryNode node = new MemoryNode("disk", 1 << 20);
          BlkOptions options = BlkOptions.builder().queues(2, 64).build();
          try (TestMachine machine =
              TestMachine.of(
                  node,
                  options,
                  DriverOptions.DEFAULT,
                  RequestExecutor.workers(2),
                  AccessListener.NONE)) {
            GuestRequest[] requests = new GuestRequest[40];
            for (int i = 0; i < requests.length; i++) {
              requests[i] = machine.driver().newRequest(4096);
            }
            for (int round = 0; round < 200; round++) {
              resetUnderLoad(random, machine, requests);
            }
          }
        });
  }

  /** Writes marks over the data of requests in flight when the reset has returned. */
  private static void resetUnderLoad(
      RandomGenerator random, TestMachine machine, GuestRequest[] requests) throws Exception {
    for (int i = 0; i < requests.length; i++) {
      DriverQueue queue = machine.driver().queue(i % 2);
      requests[i].read(8L * random.nextInt(250), 4096);
      queue.offer(requests[i]);
      queue.kick();
    }
    machine.driver().restart();
    for (GuestRequest request : requests) {
      request.data().fill(MARK[0]);
    }
    machine.driver().write(0, new byte[4096]);
    assertThat(machine.driver().read(0, 4096)).containsOnly(0);
    for (GuestRequest request : requests) {
      assertThat(request.data().toArray(ValueLayout.JAVA_BYTE)).containsOnly(MARK[0]);
    }
  }
}

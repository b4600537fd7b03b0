package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.Errno;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.RecentSlices;
import dev.platter.harness.virtio.DescriptorChain;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that cannot be answered: those of its run are, and a reset returns. */
@Timeout(60)
class ThrowingCompletionTest {
  private static final String MESSAGE = "no answer";

  private final FaultyNode faulty = new FaultyNode(new MemoryNode("disk", 1 << 20));
  private final Disk disk = new Disk(faulty);
  private final List<GuestRequest> requests = new ArrayList<>();
  private final HeldExecutor held = new HeldExecutor();
  private final MockGuest guest = MockGuest.create(16 << 20);
  private TestMachine machine;
  private long unanswerable = -1;
  private int slotsThatFit = Integer.MAX_VALUE;

  /** A disk during whose next read something else happens. */
  private static final class Disk extends ForwardingNode {
    private Runnable meanwhile = () -> {};

    Disk(BlockNode below) {
      super("long", below);
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      Runnable hook = meanwhile;
      meanwhile = () -> {};
      hook.run();
      super.read(offset, dst);
    }
  }

  /** A slot that has lost the chain of one of its queue's requests. */
  private final class LosingSlot extends BlkRequestSlot {
    LosingSlot(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
      super(queue, memory, buffers);
    }

    @Override
    DescriptorChain chain() {
      if (sequence() == unanswerable) {
        unanswerable = -1; // it may serve another request
        throw new InternalError(MESSAGE);
      }
      return super.chain();
    }
  }

  private BlkRequestSlot slot(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
    if (slotsThatFit-- <= 0) {
      throw new OutOfMemoryError("no room for a slot");
    }
    return new LosingSlot(queue, memory, buffers);
  }

  private void start() throws IOException {
    ErrorPolicy stop = new ErrorPolicy(ErrorAction.STOP, ErrorAction.STOP);
    VirtioBlkDevice device =
        new VirtioBlkDevice(
            disk,
            BlkOptions.builder().errorPolicy(stop).build(),
            held,
            AccessListener.NONE,
            new DeviceLock(),
            this::slot);
    machine = new TestMachine(guest, device, guest.plug(device, DriverOptions.DEFAULT), held);
  }

  private void offerReads(int count) {
    for (int i = 0; i < count; i++) {
      GuestRequest request = machine.driver().newRequest(512).read(requests.size(), 512);
      requests.add(request);
      machine.driver().queue(0).offer(request);
    }
    machine.driver().queue(0).kick();
  }

  private void assertResetReturns() throws InterruptedException {
    Thread reset = Thread.ofVirtual().start(() -> machine.device().writeStatus(0));
    assertThat(reset.join(Duration.ofSeconds(20))).as("the reset returned").isTrue();
    guest.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void othersOfTheRunAreAnsweredAndAResetReturns(int lost) throws Exception {
    start();
    offerReads(3);
    assertThat(held.waiting).as("one run").hasSize(1);
    unanswerable = lost;

    DriverQueue queue = machine.driver().queue(0);
    long before = queue.interruptCount();
    assertThatThrownBy(held::runAll).isInstanceOf(InternalError.class).hasMessage(MESSAGE);
    queue.reap(_ -> {});
    for (int i = 0; i < 3; i++) {
      assertThat(requests.get(i).answered()).as("request %d", i).isEqualTo(i != lost);
    }
    assertThat(queue.interruptCount() - before).isEqualTo(1);
    assertResetReturns();
  }

  @Test
  void theOnlySlotThereIsMemoryForServesTheNextRequest() throws Exception {
    slotsThatFit = 1;
    start();
    assertThatThrownBy(() -> offerReads(1)).isInstanceOf(OutOfMemoryError.class);
    offerReads(1); // waits, of which the driver is not to tell
    unanswerable = 0;

    assertThatThrownBy(held::runAll).isInstanceOf(InternalError.class).hasMessage(MESSAGE);
    held.runAll();
    machine.driver().queue(0).reap(_ -> {});
    assertThat(requests.getLast().status()).isEqualTo(BlkStatus.OK);
    assertResetReturns();
  }

  @Test
  void resumeIsNotLostWithTheAnswerOfTheLastRequestUnderWay() throws Exception {
    start();
    offerReads(1);
    offerReads(1);
    unanswerable = 0;
    Runnable first = held.waiting.remove();
    disk.meanwhile =
        () -> {
          faulty.failNth(Kind.READ, 1, Errno.EIO);
          held.runAll(); // fails, and stops the device
          held.stopHolding();
          machine.device().resume(); // waits for the first
        };

    assertThatThrownBy(first::run).hasMessage(MESSAGE);
    assertThat(machine.device().stopped()).isFalse();
    machine.driver().queue(0).reap(_ -> {});
    assertThat(requests.getLast().status()).isEqualTo(BlkStatus.OK);
    assertResetReturns();
  }
}

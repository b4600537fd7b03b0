package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.RecentSlices;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.harness.virtio.VirtqueueException;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host without memory for one more request: no request is lost, and no reset is needed. */
@Timeout(60)
class ScarceMemoryTest {
  private static final String MESSAGE = "no memory for it";

  private final List<GuestRequest> requests = new ArrayList<>();
  private final HeldExecutor held = new HeldExecutor();
  private final MockGuest guest = MockGuest.create(16 << 20);
  private VirtioBlkDevice device;
  private TestMachine machine;
  private int slotsLeft = Integer.MAX_VALUE;
  private long undecodable = -1;

  /** A slot that has no memory for one of its queue's requests. */
  private final class ScarceSlot extends BlkRequestSlot {
    ScarceSlot(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
      super(queue, memory, buffers);
    }

    @Override
    void parse(long features, int maxRanges, long sequence) throws VirtqueueException {
      if (sequence == undecodable) {
        throw new OutOfMemoryError(MESSAGE);
      }
      super.parse(features, maxRanges, sequence);
    }
  }

  private BlkRequestSlot make(BlkQueue queue, GuestMemory memory, RecentSlices buffers) {
    if (slotsLeft == 0) {
      throw new OutOfMemoryError(MESSAGE);
    }
    slotsLeft--;
    return new ScarceSlot(queue, memory, buffers);
  }

  private void start(RequestExecutor executor, long declined) throws IOException {
    device =
        new VirtioBlkDevice(
            new MemoryNode("disk", 1 << 20),
            BlkOptions.DEFAULT,
            executor,
            AccessListener.NONE,
            new DeviceLock(),
            this::make);
    DriverOptions driver = DriverOptions.DEFAULT.without(declined);
    machine = new TestMachine(guest, device, guest.plug(device, driver), executor);
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private DriverQueue queue() {
    return machine.driver().queue(0);
  }

  private void offerReads(int count) {
    for (int i = 0; i < count; i++) {
      GuestRequest request = machine.driver().newRequest(512).read(2L * requests.size(), 512);
      requests.add(request);
      queue().offer(request);
    }
  }

  private List<BlkStatus> statuses() {
    List<GuestRequest> answered = new ArrayList<>();
    queue().reap(answered::add);
    assertThat(answered).containsExactlyInAnyOrderElementsOf(requests); // each once
    return requests.stream().map(GuestRequest::status).toList();
  }

  private void assertRunning() {
    assertThat(device.status() & DeviceStatus.NEEDS_RESET).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, RingFeatures.EVENT_IDX})
  void requestsWithoutSlotAreServedByTheOneThereIs(long declined) throws IOException {
    slotsLeft = 1;
    start(RequestExecutor.inline(), declined);
    offerReads(4);

    assertThatThrownBy(queue()::kick).isInstanceOf(OutOfMemoryError.class).hasMessage(MESSAGE);
    assertThat(statuses()).hasSize(4).containsOnly(BlkStatus.OK);
    assertRunning();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, RingFeatures.EVENT_IDX})
  void requestsWithoutSlotAreServedWhenOneComesBack(long declined) throws IOException {
    slotsLeft = 2;
    start(held, declined);
    offerReads(5);

    assertThatThrownBy(queue()::kick).hasMessage(MESSAGE);
    assertThat(held.waiting).hasSize(2);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(held::runOne).hasMessage(MESSAGE); // and the next is on its way
    }
    held.runAll();
    assertThat(statuses()).hasSize(5).containsOnly(BlkStatus.OK);
    assertRunning();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, RingFeatures.EVENT_IDX})
  void deviceIsToldOfRequestsAfterSlotsWereMissing(long declined) throws IOException {
    slotsLeft = 1;
    start(held, declined);
    offerReads(2);
    assertThatThrownBy(queue()::kick).hasMessage(MESSAGE);
    slotsLeft = Integer.MAX_VALUE; // there is memory again
    held.runAll();

    offerReads(2);
    queue().kick();
    held.runAll();
    assertThat(statuses()).hasSize(4).containsOnly(BlkStatus.OK);
  }

  @Test
  void deviceWithoutMemoryForOneRequestNeedsReset() throws IOException {
    slotsLeft = 0;
    assertThatThrownBy(() -> start(RequestExecutor.inline(), 0)).hasMessage(MESSAGE);
    assertThat(device.status() & DeviceStatus.NEEDS_RESET).isNotZero();
  }

  @Test
  void requestThatCannotBeDecodedFailsAlone() throws IOException {
    undecodable = 1;
    start(RequestExecutor.inline(), 0);
    offerReads(3);

    assertThatThrownBy(queue()::kick).isInstanceOf(OutOfMemoryError.class).hasMessage(MESSAGE);
    assertThat(statuses()).containsExactly(BlkStatus.OK, BlkStatus.IOERR, BlkStatus.OK);
    assertRunning();
  }

  @Test
  void slotOfRequestThatCouldNotBeDecodedIsUsedAgain() throws IOException {
    slotsLeft = 2;
    undecodable = 0;
    start(RequestExecutor.inline(), 0);
    offerReads(1);
    assertThatThrownBy(queue()::kick).hasMessage(MESSAGE);

    offerReads(2);
    queue().kick();
    assertThat(statuses()).containsExactly(BlkStatus.IOERR, BlkStatus.OK, BlkStatus.OK);
  }
}

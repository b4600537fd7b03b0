package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.PromptNode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests out of which something comes that no disk answers with: the others go on. */
@Timeout(60)
class ThrowingRequestTest {
  private static final int BAD_SECTOR = 2;
  private static final int STOPPING_SECTOR = 100;
  private static final String MESSAGE = "no scratch memory";

  private final BadNode node = new BadNode(new MemoryNode("disk", 1 << 20));
  private final List<GuestRequest> requests = new ArrayList<>();
  private TestMachine machine;

  /** A disk on which one sector's reads throw an error, and another's fail. */
  private static final class BadNode extends ForwardingNode implements PromptNode {
    private boolean tells;
    private boolean failing = true;

    BadNode(BlockNode below) {
      super("bad", below);
    }

    @Override
    public boolean promptReads() {
      if (tells) {
        throw new IllegalStateException("nobody knows");
      }
      return false;
    }

    @Override
    public boolean readPromptly(long offset, MemorySegment dst) {
      return false;
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      if (offset == BAD_SECTOR * 512L) {
        throw new InternalError(MESSAGE);
      }
      if (offset == STOPPING_SECTOR * 512L && failing) {
        throw new BlockIoException(name(), "read", Errno.EIO);
      }
      super.read(offset, dst);
    }
  }

  private void start(BlkOptions.Builder options, long declined, RequestExecutor executor)
      throws IOException {
    machine =
        TestMachine.of(
            node,
            options.queues(2, 64).build(),
            DriverOptions.DEFAULT.without(declined),
            executor,
            AccessListener.NONE);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void read(int queueIndex, long sector) {
    GuestRequest request = machine.driver().newRequest(512).read(sector, 512);
    requests.add(request);
    machine.driver().queue(queueIndex).offer(request);
  }

  private List<BlkStatus> statuses() {
    for (int i = 0; i < 2; i++) {
      machine.driver().queue(i).reap(_ -> {});
    }
    return requests.stream().map(GuestRequest::status).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, RingFeatures.EVENT_IDX})
  void requestsBehindOneThatThrowsAreCarriedOut(long declined) throws IOException {
    start(BlkOptions.builder(), declined, RequestExecutor.inline());
    DriverQueue queue = machine.driver().queue(0);
    read(0, BAD_SECTOR);
    read(0, BAD_SECTOR + 2);
    read(0, BAD_SECTOR);
    read(0, BAD_SECTOR + 4);

    assertThatThrownBy(queue::kick).isInstanceOf(InternalError.class).hasMessage(MESSAGE);
    assertThat(statuses())
        .containsExactly(BlkStatus.IOERR, BlkStatus.OK, BlkStatus.IOERR, BlkStatus.OK);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, RingFeatures.EVENT_IDX})
  void deviceIsToldOfRequestsAfterOneThatThrew(long declined) throws IOException {
    start(BlkOptions.builder(), declined, RequestExecutor.inline());
    DriverQueue queue = machine.driver().queue(0);
    read(0, BAD_SECTOR);
    assertThatThrownBy(queue::kick).hasMessage(MESSAGE);

    for (int i = 0; i < 3; i++) {
      read(0, BAD_SECTOR + 2 * i + 2);
      queue.kick();
    }
    assertThat(statuses())
        .containsExactly(BlkStatus.IOERR, BlkStatus.OK, BlkStatus.OK, BlkStatus.OK);
  }

  @Test
  void mergedRequestsOfWhichOneThrowsEachAnswer() throws IOException {
    start(BlkOptions.builder(), 0, RequestExecutor.inline());
    read(0, BAD_SECTOR);
    read(0, BAD_SECTOR + 1);
    read(0, BAD_SECTOR + 3);

    assertThatThrownBy(machine.driver().queue(0)::kick).hasMessage(MESSAGE);
    assertThat(statuses()).containsExactly(BlkStatus.IOERR, BlkStatus.IOERR, BlkStatus.OK);
  }

  @Test
  void requestsThatAreSubmittedAgainBehindOneThatThrowsAreCarriedOut() throws IOException {
    ErrorPolicy stop = new ErrorPolicy(ErrorAction.STOP, ErrorAction.STOP);
    HeldExecutor held = new HeldExecutor();
    start(BlkOptions.builder().errorPolicy(stop), 0, held);
    read(0, STOPPING_SECTOR);
    read(0, BAD_SECTOR);
    read(0, BAD_SECTOR + 2);
    machine.driver().queue(0).kick();
    held.runAll();
    held.stopHolding();
    assertThat(machine.device().stopped()).isTrue();
    read(0, BAD_SECTOR + 4);
    read(1, BAD_SECTOR + 6);
    node.failing = false;

    assertThatThrownBy(machine.device()::resume).hasMessage(MESSAGE);
    assertThat(statuses())
        .containsExactly(BlkStatus.OK, BlkStatus.IOERR, BlkStatus.OK, BlkStatus.OK, BlkStatus.OK);
  }

  @Test
  void diskThatThrowsWhenItIsToTellIsReadAllTheSame() throws IOException {
    start(BlkOptions.builder(), 0, new AdaptiveExecutor(new HeldExecutor(), System::nanoTime));
    node.tells = true;
    read(0, 0);
    machine.driver().queue(0).kick();

    assertThat(statuses()).containsExactly(BlkStatus.OK);
  }
}

package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.Errno;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Executors, listeners and threads' handlers that throw: each request is answered, and once. */
@Timeout(60)
class HandOverTest {
  private static final String MESSAGE = "no memory for the task";

  private final RecordingNode log = new RecordingNode(new MemoryNode("disk", 1 << 20));
  private final FaultyNode node = new FaultyNode(log);
  private final RefusingExecutor executor = new RefusingExecutor();
  private final List<GuestRequest> requests = new ArrayList<>();

  /** Runs requests where they are brought, but throws for as many as it is told to. */
  private static final class RefusingExecutor implements RequestExecutor {
    private final Queue<Runnable> kept = new ArrayDeque<>();
    private int refusals;

    @Override
    public void execute(Runnable request) {
      if (refusals > 0) {
        refusals--;
        kept.add(request);
        throw new OutOfMemoryError(MESSAGE);
      }
      request.run();
    }

    @Override
    public void close() {}
  }

  private TestMachine machine(AccessListener listener) throws IOException {
    BlkOptions options =
        BlkOptions.builder()
            .errorPolicy(new ErrorPolicy(ErrorAction.STOP, ErrorAction.STOP))
            .build();
    return TestMachine.of(node, options, DriverOptions.DEFAULT, executor, listener);
  }

  private void read(TestMachine machine, long sector) {
    GuestRequest request = machine.driver().newRequest(512).read(sector, 512);
    requests.add(request);
    machine.driver().queue(0).offer(request);
  }

  private List<BlkStatus> statuses(TestMachine machine) {
    machine.driver().queue(0).reap(_ -> {});
    return requests.stream().map(GuestRequest::status).toList();
  }

  @Test
  void requestsThatTheExecutorRefusesAreCarriedOutOnce() throws IOException {
    try (TestMachine machine = machine(AccessListener.NONE)) {
      for (int sector : new int[] {0, 10, 11, 20}) { // a run in the middle
        read(machine, sector);
      }
      executor.refusals = 2;
      assertThatThrownBy(machine.driver().queue(0)::kick)
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessage(MESSAGE);
      assertThat(statuses(machine)).hasSize(4).containsOnly(BlkStatus.OK);
      assertThat(log.count(Operation.Read.class)).isEqualTo(3);

      executor.kept.forEach(Runnable::run); // it had taken them all the same
      assertThat(log.count(Operation.Read.class)).isEqualTo(3);
      read(machine, 30);
      machine.driver().queue(0).kick();
      assertThat(statuses(machine)).hasSize(5).containsOnly(BlkStatus.OK);
    }
  }

  @Test
  void stopEndsAlsoIfTheExecutorRefusesWhatWasHeld() throws IOException {
    try (TestMachine machine = machine(AccessListener.NONE)) {
      node.failNth(FaultyNode.Kind.READ, 1, Errno.EIO);
      read(machine, 0);
      machine.driver().queue(0).kick();
      assertThat(machine.device().stopped()).isTrue();

      executor.refusals = 1;
      assertThatThrownBy(machine.device()::resume).hasMessage(MESSAGE);
      assertThat(machine.device().stopped()).isFalse();
      assertThat(statuses(machine)).containsExactly(BlkStatus.OK);
    }
  }

  /** Does something on a thread whose handler of uncaught exceptions throws. */
  private static void onProcessor(Runnable action) throws InterruptedException {
    Thread processor = Thread.ofPlatform().unstarted(action);
    processor.setUncaughtExceptionHandler(
        (_, _) -> {
          throw new IllegalStateException("handler");
        });
    processor.start();
    processor.join();
  }

  @Test
  void resetEndsAlsoIfListenerAndHandlerThrow() throws Exception {
    AccessListener listener =
        new AccessListener() {
          @Override
          public void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {
            throw new IllegalStateException("listener");
          }

          @Override
          public void failed(
              int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {
            throw new IllegalStateException("listener");
          }
        };
    TestMachine machine = machine(listener);
    node.failNth(FaultyNode.Kind.READ, 2, Errno.EIO);
    read(machine, 0);
    read(machine, 10);
    onProcessor(machine.driver().queue(0)::kick);
    onProcessor(machine.device()::resume);

    assertThat(machine.device().stopped()).isFalse();
    assertThat(statuses(machine)).containsExactly(BlkStatus.OK, BlkStatus.OK);
    Thread reset = Thread.ofPlatform().daemon().start(machine::close);
    assertThat(reset.join(Duration.ofSeconds(10))).isTrue();
  }
}

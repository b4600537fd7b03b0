package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import dev.platter.api.error.Errno;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ErrorPolicyTest {
  private final RecordingNode log = new RecordingNode(new MemoryNode("disk", 1 << 20));
  private final FaultyNode node = new FaultyNode(log);

  private TestMachine machine(ErrorAction reads, ErrorAction writes, RequestExecutor executor)
      throws Exception {
    BlkOptions options =
        BlkOptions.builder()
            .errorPolicy(new ErrorPolicy(reads, writes))
            .requestMerging(false)
            .queues(2, 64)
            .build();
    return TestMachine.of(node, options, DriverOptions.DEFAULT, executor, AccessListener.NONE);
  }

  @ParameterizedTest
  @CsvSource({"READ", "WRITE", "WRITE_ZEROES", "DISCARD", "FLUSH"})
  void reportedFailureIsTheGuestsToHandle(Kind kind) throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.REPORT, ErrorAction.REPORT, RequestExecutor.inline())) {
      node.failNth(kind, 1, Errno.EIO);
      assertThatThrownBy(() -> perform(machine, kind)).hasMessageEndingWith("IOERR");
      perform(machine, kind);
    }
  }

  @ParameterizedTest
  @CsvSource({"READ", "WRITE", "WRITE_ZEROES", "DISCARD", "FLUSH"})
  void ignoredFailureIsASuccessToTheGuest(Kind kind) throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.IGNORE, ErrorAction.IGNORE, RequestExecutor.inline())) {
      node.failNth(kind, 1, Errno.EIO);
      perform(machine, kind);
      assertThat(node.failures()).isEqualTo(1);
    }
  }

  @Test
  void ignoredReadHasWrittenNothing() throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.IGNORE, ErrorAction.IGNORE, RequestExecutor.inline())) {
      node.failNth(Kind.READ, 1, Errno.EIO);
      DriverQueue queue = machine.driver().queue(0);
      GuestRequest request = machine.driver().newRequest(512).read(0, 512);
      queue.offer(request);
      queue.kick();
      queue.reap(_ -> {});

      assertThat(request.status()).isEqualTo(BlkStatus.OK);
      assertThat(request.usedBytes()).isZero();
    }
  }

  private static void perform(TestMachine machine, Kind kind) throws Exception {
    switch (kind) {
      case READ -> machine.driver().read(0, 512);
      case WRITE -> machine.driver().write(0, new byte[512]);
      case WRITE_ZEROES -> machine.driver().writeZeroes(0, 512, true);
      case DISCARD -> machine.driver().discard(0, 512);
      case FLUSH -> machine.driver().flush();
      case RESIZE -> throw new IllegalArgumentException();
    }
  }

  @Test
  void enospcStopsWritesThatFindNoSpaceAndReportsOthers() throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.REPORT, ErrorAction.ENOSPC, RequestExecutor.inline())) {
      node.failNth(Kind.WRITE, 1, Errno.EIO);
      assertThatThrownBy(() -> machine.driver().write(0, new byte[512]))
          .hasMessageEndingWith("IOERR");
      assertThat(machine.device().stopped()).isFalse();

      node.failNth(Kind.WRITE, 1, Errno.ENOSPC);
      DriverQueue queue = machine.driver().queue(0);
      GuestRequest request = machine.driver().newRequest(512).write(0, 512);
      queue.offer(request);
      queue.kick();
      assertThat(machine.device().stopped()).isTrue();
      assertThat(request.answered()).isFalse();

      machine.device().resume();
      assertThat(machine.device().stopped()).isFalse();
      assertThat(request.status()).isEqualTo(BlkStatus.OK);
    }
  }

  @Test
  void readsThatFindNoSpaceCannotStop() {
    assertThatThrownBy(() -> new ErrorPolicy(ErrorAction.ENOSPC, ErrorAction.REPORT))
        .hasMessage("'enospc' invalid read error action");
  }

  @Test
  void guestsOwnMistakeNeverStopsTheDevice() throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.STOP, ErrorAction.STOP, RequestExecutor.inline())) {
      assertThatThrownBy(() -> machine.driver().read(1 << 20, 512)).hasMessageEndingWith("IOERR");
      assertThat(machine.device().stopped()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void stoppedDeviceResumesInTheOrderOfItsQueue(int workers) throws Exception {
    RequestExecutor executor =
        workers == 0 ? RequestExecutor.inline() : RequestExecutor.workers(workers);
    try (TestMachine machine = machine(ErrorAction.STOP, ErrorAction.STOP, executor)) {
      node.failFrom(Kind.WRITE, 3, Errno.EIO);
      DriverQueue queue = machine.driver().queue(0);
      List<GuestRequest> requests = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        requests.add(machine.driver().newRequest(512).write(i, 512));
        queue.offer(requests.getLast());
      }
      queue.kick();
      while (!machine.device().stopped()) {
        Thread.onSpinWait();
      }
      node.heal(); // of the ten, some may still be waiting for the worker
      machine.device().resume();
      while (queue.inFlight() > 0) {
        queue.await(DriverOptions.DEFAULT.timeout());
        queue.reap(done -> assertThat(done.status()).isEqualTo(BlkStatus.OK));
      }

      assertThat(log.log(Operation.Write.class))
          .extracting(Operation.Write::offset)
          .containsExactly(0L, 512L, 1024L, 1536L, 2048L, 2560L, 3072L, 3584L, 4096L, 4608L);
    }
  }

  @Test
  void requestsThatWaitForAWorkerDoNotOvertakeThoseThatAreHeld() throws Exception {
    HeldExecutor executor = new HeldExecutor();
    try (TestMachine machine = machine(ErrorAction.STOP, ErrorAction.STOP, executor)) {
      node.failNth(Kind.WRITE, 1, Errno.ENOSPC);
      offerWrites(machine, 0, 3);
      executor.runOne();

      machine.device().resume();
      assertThat(machine.device().stopped()).as("two requests are still on their way").isTrue();
      offerWrites(machine, 3, 1);
      assertThat(executor.waiting).as("the fourth is left in its queue").hasSize(2);

      executor.runAll();
      assertThat(machine.device().stopped()).isFalse();
      assertThat(log.log(Operation.Write.class))
          .extracting(Operation.Write::offset)
          .containsExactly(0L, 512L, 1024L, 1536L);
    }
  }

  @Test
  void resumeWaitsForTheRequestThatIsInProgress() throws Exception {
    HeldExecutor executor = new HeldExecutor();
    GateNode gate = new GateNode();
    BlkOptions options =
        BlkOptions.builder()
            .errorPolicy(new ErrorPolicy(ErrorAction.STOP, ErrorAction.STOP))
            .build();
    try (TestMachine machine =
        TestMachine.of(
            new FaultyNode(gate).failNth(Kind.WRITE, 1, Errno.ENOSPC),
            options,
            DriverOptions.DEFAULT,
            executor,
            AccessListener.NONE)) {
      machine.driver().queue(0).offer(machine.driver().newRequest(512).read(0, 512));
      offerWrites(machine, 0, 1);
      Thread reader = Thread.ofPlatform().start(executor.waiting.remove());
      gate.reading.await();
      executor.runOne();

      machine.device().resume();
      assertThat(machine.device().stopped()).isTrue();
      assertThat(executor.waiting).isEmpty();

      gate.go.countDown();
      reader.join();
      assertThat(machine.device().stopped()).isFalse();
      assertThat(executor.waiting).hasSize(1);
      executor.runAll();
    }
  }

  @Test
  void requestThatFailedGoesBeforeThoseThatHaveNotBegun() throws Exception {
    HeldExecutor executor = new HeldExecutor();
    try (TestMachine machine = machine(ErrorAction.STOP, ErrorAction.STOP, executor)) {
      node.failNth(Kind.WRITE, 1, Errno.ENOSPC);
      offerWrites(machine, 1, 7, 1);
      offerWrites(machine, 0, 0, 1);
      executor.runAll();
      machine.device().resume();
      executor.runAll();
      assertThat(log.log(Operation.Write.class))
          .extracting(Operation.Write::offset)
          .containsExactly(3584L, 0L);
    }
  }

  @Test
  void requestsThatAreHeldTwiceKeepTheirOrder() throws Exception {
    HeldExecutor executor = new HeldExecutor();
    try (TestMachine machine = machine(ErrorAction.STOP, ErrorAction.STOP, executor)) {
      node.failNth(Kind.WRITE, 2, Errno.ENOSPC).failNth(Kind.WRITE, 4, Errno.ENOSPC);
      offerWrites(machine, 0, 4); // 0 is written, 1 fails
      executor.runAll();
      machine.device().resume(); // 1 is written, 2 fails
      executor.runAll();
      assertThat(machine.device().stopped()).isTrue();

      machine.device().resume();
      executor.runAll();
      assertThat(log.log(Operation.Write.class))
          .extracting(Operation.Write::offset)
          .containsExactly(0L, 512L, 1024L, 1536L);
    }
  }

  private static void offerWrites(TestMachine machine, int firstSector, int count) {
    offerWrites(machine, 0, firstSector, count);
  }

  private static void offerWrites(TestMachine machine, int queueIndex, int firstSector, int count) {
    DriverQueue queue = machine.driver().queue(queueIndex);
    for (int i = 0; i < count; i++) {
      queue.offer(machine.driver().newRequest(512).write(firstSector + i, 512));
    }
    queue.kick();
  }

  @Test
  void requestThatFailsAgainStopsAgain() throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.STOP, ErrorAction.STOP, RequestExecutor.inline())) {
      node.failFrom(Kind.READ, 1, Errno.EIO);
      DriverQueue queue = machine.driver().queue(0);
      GuestRequest first = machine.driver().newRequest(512).read(0, 512);
      GuestRequest second = machine.driver().newRequest(512).read(1, 512);
      queue.offer(first);
      queue.offer(second);
      queue.kick();

      machine.device().resume();
      assertThat(machine.device().stopped()).isTrue();
      assertThat(log.log()).isEmpty();

      node.heal();
      machine.device().resume();
      assertThat(log.log())
          .containsExactly(new Operation.Read(0, 512), new Operation.Read(512, 512));
    }
  }

  @Test
  void resetEndsAStop() throws Exception {
    try (TestMachine machine =
        machine(ErrorAction.STOP, ErrorAction.STOP, RequestExecutor.inline())) {
      node.failNth(Kind.READ, 1, Errno.EIO);
      GuestRequest request = machine.driver().newRequest(512).read(0, 512);
      machine.driver().queue(0).offer(request);
      machine.driver().queue(0).kick();

      machine.driver().restart();
      assertThat(machine.device().stopped()).isFalse();
      machine.device().resume();
      assertThat(request.answered()).isFalse();
      assertThat(machine.driver().read(0, 512)).containsOnly(0);
    }
  }

  @Test
  void listenerHearsOfFailuresAndOfWhatIsDone() throws Exception {
    AccessListener listener = mock(AccessListener.class);
    BlkOptions options =
        BlkOptions.builder()
            .errorPolicy(new ErrorPolicy(ErrorAction.IGNORE, ErrorAction.REPORT))
            .build();
    try (TestMachine machine =
        TestMachine.of(node, options, DriverOptions.DEFAULT, RequestExecutor.inline(), listener)) {
      node.failNth(Kind.READ, 1, Errno.EIO);
      machine.driver().read(0, 512);
    }

    VirtioBlkRequest read = new VirtioBlkRequest.Read(0, 512);
    verify(listener).failed(eq(0), eq(read), any(), eq(ErrorAction.IGNORE));
    verify(listener).completed(0, read, BlkStatus.OK);
  }
}

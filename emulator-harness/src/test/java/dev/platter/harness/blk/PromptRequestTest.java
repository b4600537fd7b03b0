package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.Framing;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.ColdNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that need not wait for the disk, beside those that must. */
@Timeout(60)
class PromptRequestTest {
  private static final int COLD_SECTOR = 64;

  private final HeldExecutor workers = new HeldExecutor();
  private final RecordingNode log = new RecordingNode(disk());
  private final ColdNode disk = new ColdNode(log, COLD_SECTOR * 512);

  private static BlockNode disk() {
    byte[] bytes = new byte[1 << 20];
    bytes[0] = 1;
    bytes[COLD_SECTOR * 512] = 2;
    return MemoryNode.of("disk", bytes);
  }

  private TestMachine machine() throws Exception {
    return machine(Framing.USUAL);
  }

  private TestMachine machine(Framing framing) throws Exception {
    return TestMachine.of(
        disk,
        BlkOptions.DEFAULT,
        DriverOptions.DEFAULT.withFraming(framing),
        new AdaptiveExecutor(workers, System::nanoTime),
        AccessListener.NONE);
  }

  private static GuestRequest send(TestMachine machine, GuestRequest request) {
    DriverQueue queue = machine.driver().queue(0);
    queue.offer(request);
    queue.kick();
    return request;
  }

  private static GuestRequest read(TestMachine machine, long sector) {
    return send(machine, machine.driver().newRequest(512).read(sector, 512));
  }

  @Test
  void readOfWhatIsNotAtHandWaitsWithAWorkerAndOthersGoOn() throws Exception {
    try (TestMachine machine = machine()) {
      GuestRequest cold = read(machine, COLD_SECTOR);
      GuestRequest warm = read(machine, 0);

      assertThat(cold.answered()).isFalse();
      assertThat(warm.status()).isEqualTo(BlkStatus.OK);
      assertThat(warm.data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
      workers.runAll();
      assertThat(cold.status()).isEqualTo(BlkStatus.OK);
      assertThat(cold.data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
      assertThat(disk.refusedCount()).isEqualTo(1);
    }
  }

  private static List<GuestRequest> readTogether(TestMachine machine, long... sectors) {
    DriverQueue queue = machine.driver().queue(0);
    List<GuestRequest> run = new ArrayList<>();
    for (long sector : sectors) {
      run.add(machine.driver().newRequest(512).read(sector, 512));
      queue.offer(run.getLast());
    }
    queue.kick();
    return run;
  }

  private List<String> asked() {
    return log.log().stream().map(Operation::toString).toList();
  }

  private static int firstByte(GuestRequest request) {
    return request.data().get(ValueLayout.JAVA_BYTE, 0);
  }

  @Test
  void readIntoScatteredBuffersIsAnsweredBesideOneThatWaits() throws Exception {
    try (TestMachine machine = machine(Framing.pieces(1024))) {
      read(machine, COLD_SECTOR);
      GuestRequest warm = machine.driver().newRequest(16 << 10).read(0, 16 << 10);
      warm.data().fill((byte) 9);

      assertThat(send(machine, warm).status()).isEqualTo(BlkStatus.OK);
      assertThat(warm.data().mismatch(expected(16 << 10))).isEqualTo(-1);
      assertThat(asked()).containsExactly("read 0x0 +16384");
    }
  }

  private static MemorySegment expected(int length) {
    byte[] bytes = new byte[length];
    bytes[0] = 1;
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void readIntoScatteredBuffersOfWhatIsPartlyAtHandIsLeftToAWorker() throws Exception {
    try (TestMachine machine = machine(Framing.pieces(1024))) {
      int byteCount = (COLD_SECTOR + 1) * 512;
      GuestRequest request = machine.driver().newRequest(byteCount).read(0, byteCount);
      send(machine, request);

      assertThat(request.answered()).isFalse();
      workers.runAll();
      assertThat(request.status()).isEqualTo(BlkStatus.OK);
      assertThat(firstByte(request)).isEqualTo(1);
      assertThat(request.data().get(ValueLayout.JAVA_BYTE, COLD_SECTOR * 512)).isEqualTo((byte) 2);
    }
  }

  @Test
  void runOfReadsIsAnsweredBesideARequestThatWaits() throws Exception {
    try (TestMachine machine = machine()) {
      read(machine, COLD_SECTOR);
      long before = machine.driver().queue(0).interruptCount();
      List<GuestRequest> run = readTogether(machine, 0, 1, 2);

      assertThat(run).extracting(GuestRequest::answered).containsOnly(true);
      assertThat(run).extracting(GuestRequest::status).containsOnly(BlkStatus.OK);
      assertThat(run).extracting(PromptRequestTest::firstByte).containsExactly(1, 0, 0);
      assertThat(asked()).containsExactly("read 0x0 +1536");
      machine.driver().queue(0).reap(_ -> {});
      assertThat(run).extracting(GuestRequest::usedBytes).containsOnly(513);
      assertThat(machine.driver().queue(0).interruptCount() - before).isEqualTo(1);
    }
  }

  @Test
  void runThatIsPartlyAtHandWaitsWholeAndStaysOneRequest() throws Exception {
    try (TestMachine machine = machine()) {
      List<GuestRequest> run = readTogether(machine, COLD_SECTOR - 1, COLD_SECTOR);

      assertThat(run).extracting(GuestRequest::answered).containsOnly(false);
      workers.runAll();
      assertThat(run).extracting(GuestRequest::status).containsOnly(BlkStatus.OK);
      assertThat(run).extracting(PromptRequestTest::firstByte).containsExactly(0, 2);
      assertThat(asked()).containsExactly("read 0x7e00 +1024");
      assertThat(disk.refusedCount()).isEqualTo(1);
    }
  }

  @Test
  void longRunsAreNotTriedOnTheThreadThatBringsThem() throws Exception {
    try (TestMachine machine = machine()) {
      disk.coldFrom(0);
      DriverQueue queue = machine.driver().queue(0);
      for (int i = 0; i < 3; i++) {
        queue.offer(machine.driver().newRequest(64 << 10).read(128L * i, 64 << 10));
      }
      queue.kick();

      assertThat(asked()).containsExactly("read 0x0 +196608");
      assertThat(disk.refusedCount()).isZero();
    }
  }

  @Test
  void runThatEndsBeyondTheDiskIsAnsweredAsEver() throws Exception {
    try (TestMachine machine = machine()) {
      disk.coldFrom(1 << 20);
      List<GuestRequest> run = readTogether(machine, 2046, 2047, 2048);

      assertThat(run)
          .extracting(GuestRequest::status)
          .containsExactly(BlkStatus.OK, BlkStatus.OK, BlkStatus.IOERR);
    }
  }

  @Test
  void resetDropsARunThatWaits() throws Exception {
    try (TestMachine machine = machine()) {
      List<GuestRequest> run = readTogether(machine, COLD_SECTOR, COLD_SECTOR + 1);
      machine.device().writeStatus(0);
      workers.runAll();

      assertThat(run).extracting(GuestRequest::answered).containsOnly(false);
      assertThat(asked()).isEmpty();
    }
  }

  @Test
  void writeBehindARequestThatWaitsWaitsToo() throws Exception {
    try (TestMachine machine = machine()) {
      read(machine, COLD_SECTOR);
      GuestRequest write = send(machine, machine.driver().newRequest(512).write(0, 512));

      assertThat(write.answered()).isFalse();
      workers.runAll();
      assertThat(write.status()).isEqualTo(BlkStatus.OK);
    }
  }

  @Test
  void diskThatDoesNotTellIsReadWhereTheRequestWasBrought() throws Exception {
    try (TestMachine machine = machine()) {
      disk.stopTelling();

      assertThat(read(machine, COLD_SECTOR).status()).isEqualTo(BlkStatus.OK);
      assertThat(disk.refusedCount()).isZero();
    }
  }

  @Test
  void longReadsAreNotTriedOnTheThreadThatBringsThem() throws Exception {
    try (TestMachine machine = machine()) {
      disk.coldFrom(0);
      GuestRequest request = machine.driver().newRequest(256 << 10).read(0, 256 << 10);

      assertThat(send(machine, request).status()).isEqualTo(BlkStatus.OK);
      assertThat(disk.refusedCount()).isZero();
    }
  }

  @Test
  void readBeyondTheEndIsAnsweredAsEver() throws Exception {
    try (TestMachine machine = machine()) {
      assertThat(read(machine, 1 << 20).status()).isEqualTo(BlkStatus.IOERR);
    }
  }

  @Test
  void resetDropsARequestThatWaits() throws Exception {
    try (TestMachine machine = machine()) {
      GuestRequest cold = read(machine, COLD_SECTOR);
      machine.device().writeStatus(0);
      workers.runAll();

      assertThat(cold.answered()).isFalse();
    }
  }
}

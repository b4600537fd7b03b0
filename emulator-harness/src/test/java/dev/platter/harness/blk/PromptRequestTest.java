package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.ColdNode;
import dev.platter.tck.fake.MemoryNode;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that need not wait for the disk, beside those that must. */
@Timeout(60)
class PromptRequestTest {
  private static final int COLD_SECTOR = 64;

  private final HeldExecutor workers = new HeldExecutor();
  private final ColdNode disk = new ColdNode(disk(), COLD_SECTOR * 512);

  private static BlockNode disk() {
    byte[] bytes = new byte[1 << 20];
    bytes[0] = 1;
    bytes[COLD_SECTOR * 512] = 2;
    return MemoryNode.of("disk", bytes);
  }

  private TestMachine machine() throws Exception {
    return TestMachine.of(
        disk,
        BlkOptions.DEFAULT,
        DriverOptions.DEFAULT,
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

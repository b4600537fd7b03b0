package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that a guest makes available together, and what the disk is asked. */
@Timeout(60)
class RequestMergingTest {
  private static final int SECTOR = 512;
  private static final int DISK_BYTES = 1 << 20;

  private final RecordingNode log = new RecordingNode(new MemoryNode("disk", DISK_BYTES));
  private final FaultyNode node = new FaultyNode(log);
  private final List<GuestRequest> requests = new ArrayList<>();
  private TestMachine machine;

  private void start(BlkOptions.Builder options) throws IOException {
    machine =
        TestMachine.of(
            node,
            options.queues(1, 256).build(),
            DriverOptions.DEFAULT,
            RequestExecutor.inline(),
            AccessListener.NONE);
  }

  private static BlkOptions.Builder onError(ErrorAction action) {
    return BlkOptions.builder().errorPolicy(new ErrorPolicy(action, action));
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void read(long sector, int sectorCount) {
    requests.add(newRequest(sectorCount).read(sector, sectorCount * SECTOR));
  }

  private void write(long sector, int sectorCount, int value) {
    GuestRequest request = newRequest(sectorCount).write(sector, sectorCount * SECTOR);
    request.data().fill((byte) value);
    requests.add(request);
  }

  private GuestRequest newRequest(int sectorCount) {
    return machine.driver().newRequest(sectorCount * SECTOR);
  }

  /** Makes all of them available, and tells the device once. */
  private void send() {
    DriverQueue queue = machine.driver().queue(0);
    requests.forEach(queue::offer);
    queue.kick();
    queue.reap(_ -> {});
  }

  private List<BlkStatus> statuses() {
    return requests.stream().map(GuestRequest::status).toList();
  }

  private List<String> asked() {
    return log.log().stream().map(Operation::toString).toList();
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void readsThatLieOneBehindTheOtherAreOneReadOfTheDisk() throws IOException {
    start(BlkOptions.builder());
    log.write(0, new byte[] {1});
    log.write(8 * SECTOR, new byte[] {2});
    log.clear();
    read(0, 8);
    read(8, 1);
    read(9, 7);
    send();

    assertThat(asked()).containsExactly("read 0x0 +8192");
    assertThat(statuses()).containsOnly(BlkStatus.OK);
    assertThat(bytes(requests.get(0).data())).startsWith(1, 0);
    assertThat(bytes(requests.get(1).data())).startsWith(2, 0);
    assertThat(requests.get(1).usedBytes()).isEqualTo(SECTOR + 1);
    assertThat(bytes(requests.get(2).data())).containsOnly(0);
  }

  @Test
  void writesThatLieOneBehindTheOtherAreOneWriteToTheDisk() throws IOException {
    start(BlkOptions.builder().writeCache(false));
    write(3, 1, 1);
    write(4, 2, 2);
    send();

    assertThat(asked()).hasSize(2).first().asString().startsWith("write 0x600 +1536");
    assertThat(asked().getLast()).isEqualTo("flush");
    byte[] disk = new byte[3 * SECTOR];
    log.read(3 * SECTOR, disk);
    assertThat(disk).startsWith(1).endsWith(2);
    assertThat(disk[SECTOR - 1]).isEqualTo((byte) 1);
    assertThat(disk[SECTOR]).isEqualTo((byte) 2);
  }

  @Test
  void requestsWithAnythingBetweenThemStayApart() throws IOException {
    start(BlkOptions.builder());
    read(0, 1);
    read(2, 1); // a gap
    write(3, 1, 1); // another kind
    requests.add(newRequest(1).flush());
    write(4, 1, 1); // behind the last write, but for the flush
    write(4, 1, 2); // the same sector
    write(3, 1, 3); // the one before
    send();

    assertThat(asked())
        .extracting(line -> line.replaceAll(" \\w+\\.\\.", ""))
        .containsExactly(
            "read 0x0 +512",
            "read 0x400 +512",
            "write 0x600 +512",
            "flush",
            "write 0x800 +512",
            "write 0x800 +512",
            "write 0x600 +512");
  }

  @Test
  void runsHaveAtMost32RequestsAnd256KiB() throws IOException {
    start(BlkOptions.builder());
    for (int i = 0; i < 40; i++) {
      read(i, 1);
    }
    read(40, 500);
    read(540, 12);
    read(552, 1);
    send();

    assertThat(asked())
        .containsExactly("read 0x0 +16384", "read 0x4000 +260096", "read 0x43800 +6656");
  }

  @Test
  void nothingIsMergedWhereThatIsTurnedOff() throws IOException {
    start(BlkOptions.builder().requestMerging(false));
    read(0, 1);
    read(1, 1);
    send();

    assertThat(asked()).containsExactly("read 0x0 +512", "read 0x200 +512");
  }

  @Test
  void requestBeyondTheEndFailsAlone() throws IOException {
    start(BlkOptions.builder());
    int last = DISK_BYTES / SECTOR - 1;
    read(last - 1, 1);
    read(last, 1);
    read(last + 1, 1);
    send();

    assertThat(statuses()).containsExactly(BlkStatus.OK, BlkStatus.OK, BlkStatus.IOERR);
  }

  @Test
  void readThatFailsInARunFailsAlone() throws IOException {
    start(onError(ErrorAction.REPORT));
    read(0, 1);
    read(1, 1);
    read(2, 1);
    node.failNth(Kind.READ, 1, Errno.EIO).failNth(Kind.READ, 3, Errno.EIO);
    send();

    assertThat(statuses()).containsExactly(BlkStatus.OK, BlkStatus.IOERR, BlkStatus.OK);
  }

  @Test
  void failedRunOfWritesFailsForEachAndIsNotTriedAgain() throws IOException {
    start(onError(ErrorAction.REPORT));
    write(0, 1, 1);
    write(1, 1, 1);
    write(3, 1, 1);
    node.failNth(Kind.WRITE, 1, Errno.EIO);
    send();

    assertThat(statuses()).containsExactly(BlkStatus.IOERR, BlkStatus.IOERR, BlkStatus.OK);
    assertThat(node.calls(Kind.WRITE)).isEqualTo(2);
  }

  @Test
  void runThatStoppedTheDeviceIsWrittenWhenItGoesOn() throws IOException {
    start(onError(ErrorAction.STOP));
    write(0, 1, 1);
    write(1, 1, 2);
    write(2, 1, 3);
    node.failNth(Kind.WRITE, 1, Errno.ENOSPC);
    send();

    assertThat(machine.device().stopped()).isTrue();
    assertThat(requests).noneMatch(GuestRequest::answered);
    machine.device().resume();
    assertThat(machine.device().stopped()).isFalse();
    assertThat(statuses()).containsOnly(BlkStatus.OK);
    byte[] disk = new byte[3 * SECTOR];
    log.read(0, disk);
    assertThat(disk).startsWith(1).endsWith(3);
  }

  @Test
  void runsThatWaitAreDroppedByAResetAndTouchNothing() throws IOException {
    HeldExecutor executor = new HeldExecutor();
    machine =
        TestMachine.of(
            node, BlkOptions.DEFAULT, DriverOptions.DEFAULT, executor, AccessListener.NONE);
    read(0, 1);
    read(1, 1);
    send();
    machine.device().writeStatus(0);
    executor.runAll();

    assertThat(asked()).isEmpty();
  }

  @Test
  void guestIsToldOfARunOnce() throws IOException {
    start(BlkOptions.builder());
    DriverQueue queue = machine.driver().queue(0);
    long before = queue.interruptCount();
    read(0, 1);
    read(1, 1);
    read(2, 1);
    send();

    assertThat(statuses()).containsOnly(BlkStatus.OK);
    assertThat(queue.interruptCount() - before).isEqualTo(1);
  }
}

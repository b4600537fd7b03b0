package dev.platter.harness.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.Errno;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.junit.Chain;
import dev.platter.harness.junit.Disk;
import dev.platter.harness.junit.Fault;
import dev.platter.harness.junit.Guest;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.harness.junit.TestDisk;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A guest whose host has no space for a while: it is stopped, as {@code werror=enospc} says, and
 * goes on as if nothing had happened. The extension checks the images afterwards.
 */
@ExtendWith(PlatterExtension.class)
@Timeout(60)
class GuestOnFullHostTest {
  private static final Set<Kind> GROWING = Set.of(Kind.WRITE, Kind.WRITE_ZEROES, Kind.RESIZE);
  private static final int CLUSTER = 65536;
  private static final int WRITES = 12;
  private static final int BYTES = 4096;

  /** Twice a write to each of some clusters, and a flush. */
  private static void submit(TestDisk disk, byte[] bytes) {
    List<GuestRequest> requests = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < WRITES; i++) {
        int at = (2 * i + round) * BYTES;
        GuestRequest request = disk.driver().newRequest(BYTES);
        request.buffer().copyFrom(MemorySegment.ofArray(bytes).asSlice(at, BYTES));
        requests.add(request.write(((long) i * CLUSTER + (long) round * BYTES) / 512, BYTES));
      }
      requests.add(disk.driver().newRequest(0).flush());
    }
    DriverQueue queue = disk.driver().queue(0);
    requests.forEach(queue::offer);
    queue.kick();
  }

  private static void awaitAll(TestDisk disk) throws Exception {
    DriverQueue queue = disk.driver().queue(0);
    while (queue.inFlight() > 0) {
      queue.await(DriverOptions.DEFAULT.timeout());
      queue.reap(done -> assertThat(done.status()).isEqualTo(BlkStatus.OK));
    }
  }

  private static void awaitStop(VirtioBlkDevice device) {
    while (!device.stopped()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void guestThatWasStoppedAtAnyWriteLosesNothing(@Disk(drive = "discard=unmap") TestDisk disk)
      throws Exception {
    FaultyNode file = disk.files().getFirst();
    byte[] bytes = Seeds.bytes(new SplittableRandom(3), 2 * WRITES * BYTES);
    long calls = file.calls(GROWING);
    submit(disk, bytes);
    awaitAll(disk);
    calls = file.calls(GROWING) - calls;
    assertThat(calls).as("writes that can find no space").isGreaterThan(2 * WRITES);

    for (int nth = 1; nth <= calls; nth++) {
      disk.driver().discard(0, WRITES * CLUSTER);
      disk.driver().flush();
      file.failFrom(GROWING, nth, Errno.ENOSPC);
      submit(disk, bytes);
      file.heal();
      disk.device().resume();
      awaitAll(disk);
      assertHolds(disk.driver(), bytes, "call " + nth);
    }
  }

  private static void assertHolds(MockBlkDriver disk, byte[] bytes, String context)
      throws Exception {
    for (int i = 0; i < WRITES; i++) {
      assertThat(disk.read((long) i * CLUSTER, 2 * BYTES))
          .as("%s, cluster %d", context, i)
          .isEqualTo(Arrays.copyOfRange(bytes, 2 * i * BYTES, 2 * (i + 1) * BYTES));
    }
  }

  @Test
  void flushThatFindsNoSpaceStopsTheGuestUntilThereIsSome(@Disk TestDisk disk) throws Exception {
    byte[] bytes = Seeds.bytes(new SplittableRandom(4), 8192);
    disk.driver().write(CLUSTER, bytes);
    disk.files().getFirst().failFrom(GROWING, 1, Errno.EDQUOT);
    GuestRequest flush = disk.driver().newRequest(0).flush();
    disk.driver().queue(0).offer(flush);
    disk.driver().queue(0).kick();
    for (int i = 0; i < 3; i++) {
      assertThat(disk.device().stopped()).isTrue();
      disk.device().resume();
    }

    disk.files().getFirst().heal();
    disk.device().resume();
    awaitAll(disk);
    assertThat(flush.status()).isEqualTo(BlkStatus.OK);
    assertThat(disk.node().readOnly()).isFalse();
    assertThat(disk.driver().read(CLUSTER, bytes.length)).isEqualTo(bytes);
  }

  @Test
  void barrierThatFindsNoSpaceEndsTheWritingOfTheDisk(
      @Disk(drive = "werror=report", check = false)
          @Fault(layer = 0, on = Kind.FLUSH, errno = Errno.ENOSPC)
          TestDisk disk)
      throws Exception {
    disk.driver().write(0, new byte[512]);

    assertThatThrownBy(disk.driver()::flush).isInstanceOf(GuestIoException.class);
    assertThat(disk.node().readOnly()).isTrue();
    assertThatThrownBy(disk.driver()::flush).isInstanceOf(GuestIoException.class);
    assertThat(disk.driver().read(0, 512)).containsOnly(0);
    assertThatThrownBy(disk.node()::close).hasMessageContaining("flush");
  }

  @Test
  void queueOfManyWorkersIsStoppedAndResumed(
      @Chain(overlays = 2, size = "4M")
          @Guest(workers = 3)
          @Fault(layer = 0, on = Kind.WRITE, nth = 7, always = true, errno = Errno.ENOSPC)
          TestDisk disk)
      throws Exception {
    byte[] bytes = Seeds.bytes(new SplittableRandom(5), 2 * WRITES * BYTES);
    submit(disk, bytes);
    awaitStop(disk.device());

    disk.files().getFirst().heal();
    disk.device().resume();
    awaitAll(disk);
    assertThat(disk.device().stopped()).isFalse();
    assertHolds(disk.driver(), bytes, "after the stop");
  }
}

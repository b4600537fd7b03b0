package dev.platter.harness.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.harness.TestMachine;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.junit.Disk;
import dev.platter.harness.junit.Guest;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@ExtendWith(PlatterExtension.class)
class MockGuestTest {
  private static final int DISK_BYTES = 1 << 20;

  private final MemoryNode node = new MemoryNode("disk", DISK_BYTES);

  @ParameterizedTest(name = "indirect {0}, event index {1}, workers {2}, framing {3}")
  @CsvSource({
    "true, true, 0, USUAL",
    "true, false, 0, MERGED",
    "false, true, 0, RANDOM",
    "false, false, 0, USUAL",
    "true, true, 2, RANDOM",
    "true, false, 2, USUAL",
    "false, true, 2, MERGED",
    "false, false, 2, RANDOM",
  })
  void everyKindOfRingCarriesTheSameBytes(
      boolean indirect, boolean eventIndex, int workers, String framing) {
    Seeds.run(
        random -> {
          DriverOptions options =
              DriverOptions.DEFAULT
                  .without(indirect ? 0 : RingFeatures.INDIRECT_DESC)
                  .without(eventIndex ? 0 : RingFeatures.EVENT_IDX)
                  .withFraming(framing(framing, random));
          RequestExecutor executor =
              workers == 0 ? RequestExecutor.inline() : RequestExecutor.workers(workers);
          try (TestMachine machine =
              TestMachine.of(node, BlkOptions.DEFAULT, options, executor, AccessListener.NONE)) {
            compareWithModel(random, machine.driver());
          }
        });
  }

  private static Framing framing(String name, RandomGenerator random) {
    return switch (name) {
      case "USUAL" -> Framing.USUAL;
      case "MERGED" -> Framing.MERGED;
      default -> Framing.random(random, 12);
    };
  }

  private void compareWithModel(RandomGenerator random, MockBlkDriver driver) throws Exception {
    byte[] model = new byte[DISK_BYTES];
    for (int i = 0; i < 400; i++) {
      int length = 512 * (1 + random.nextInt(64));
      int offset = 512 * random.nextInt((DISK_BYTES - length) / 512);
      switch (random.nextInt(4)) {
        case 0 -> {
          byte[] bytes = Seeds.bytes(random, length);
          driver.write(offset, bytes);
          System.arraycopy(bytes, 0, model, offset, length);
        }
        case 1 -> {
          driver.writeZeroes(offset, length, random.nextBoolean());
          Arrays.fill(model, offset, offset + length, (byte) 0);
        }
        case 2 -> driver.flush();
        default ->
            assertThat(driver.read(offset, length))
                .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
      }
    }
    assertThat(driver.read(0, DISK_BYTES)).isEqualTo(model);
  }

  @Test
  void fullQueueTakesNoMoreUntilItIsReaped(
      @Disk(format = "memory") @Guest(queueSize = 8, indirect = false) MockBlkDriver disk) {
    DriverQueue queue = disk.queue(0);
    GuestRequest[] requests = new GuestRequest[3];
    for (int i = 0; i < 3; i++) {
      requests[i] = disk.newRequest(512).read(i, 512);
    }

    assertThat(queue.offer(requests[0])).isTrue();
    assertThat(queue.offer(requests[1])).isTrue();
    assertThat(queue.offer(requests[2])).as("9 descriptors of 8").isFalse();
    queue.kick();
    assertThat(queue.reap(done -> {})).isEqualTo(2);
    assertThat(queue.offer(requests[2])).isTrue();
  }

  @Test
  void guestThatPollsIsNotInterruptedWithEventIndexes(@Disk(format = "memory") MockBlkDriver disk) {
    DriverQueue queue = disk.queue(0);
    GuestRequest request = disk.newRequest(512);
    for (int i = 0; i < 100; i++) {
      queue.offer(request.read(i, 512));
      queue.kick();
      assertThat(queue.reap(done -> {})).isEqualTo(1);
    }

    assertThat(queue.interruptCount()).as("the first, before anything was said").isEqualTo(1);
  }

  @Test
  void guestThatWaitsIsInterruptedOnce(
      @Disk(format = "memory") @Guest(eventIndex = false, workers = 1) MockBlkDriver disk)
      throws Exception {
    DriverQueue queue = disk.queue(0);
    GuestRequest request = disk.newRequest(512);
    queue.reap(done -> {}); // turns interrupts off
    for (int i = 0; i < 50; i++) {
      queue.offer(request.read(i, 512));
      queue.kick();
      queue.await(DriverOptions.DEFAULT.timeout());
      assertThat(queue.reap(done -> {})).isEqualTo(1);
      assertThat(request.status()).isEqualTo(BlkStatus.OK);
    }

    assertThat(queue.interruptCount()).isLessThanOrEqualTo(50);
  }

  @Test
  void threadsShareTheSynchronousCalls(
      @Disk(format = "memory") @Guest(queues = 3, queueSize = 64, workers = 2) MockBlkDriver disk)
      throws Exception {
    Thread[] threads = new Thread[6];
    byte[][] written = new byte[threads.length][];
    for (int i = 0; i < threads.length; i++) {
      written[i] = Seeds.bytes(new SplittableRandom(i), 64 << 10);
      long offset = (long) i * written[i].length;
      byte[] bytes = written[i];
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      disk.write(offset, bytes);
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
    }
    for (int i = 0; i < threads.length; i++) {
      threads[i].join();
      assertThat(disk.read((long) i * written[i].length, written[i].length)).isEqualTo(written[i]);
    }
  }

  @Test
  void guestMemoryIsFinite() {
    try (MockGuest guest = MockGuest.create(1 << 16)) {
      assertThat(guest.allocate(100, 4096)).isEqualTo(4096);
      assertThat(guest.allocate(1, 16)).isEqualTo(4208);
      assertThatThrownBy(() -> guest.allocate(1 << 16, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("used up");
    }
  }

  @Test
  void closingTwiceDoesNothing() throws Exception {
    TestMachine machine = TestMachine.of(node);
    machine.close();
    machine.close();

    assertThat(machine.device().status()).isZero();
  }
}

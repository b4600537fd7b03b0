package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class EpochFenceTest {
  private final EpochFence fence = new EpochFence();

  @Test
  void ticketPassesAtOnceWithoutReaders() {
    assertThat(fence.passed(fence.ticket())).isTrue();
  }

  @Test
  void ticketWaitsForReaderThatCameBefore() {
    int reader = fence.enter();
    long ticket = fence.ticket();
    assertThat(fence.passed(ticket)).isFalse();
    assertThat(fence.passed(ticket)).isFalse();
    fence.exit(reader);
    assertThat(fence.passed(ticket)).isTrue();
  }

  @Test
  void readersThatComeLaterDoNotHoldTicketBackForEver() {
    int first = fence.enter();
    long ticket = fence.ticket();
    int later = fence.enter();
    fence.exit(first);
    int round = 0;
    while (!fence.passed(ticket)) {
      int next = fence.enter(); // there is always one reader
      fence.exit(later);
      later = next;
      assertThat(round++).as("looks until the ticket passed").isLessThan(10);
    }
    fence.exit(later);
  }

  @Test
  void oldTicketHasPassedAlthoughReadersAreIn() {
    long ticket = fence.ticket();
    assertThat(fence.passed(ticket)).isTrue();
    int reader = fence.enter();
    assertThat(fence.passed(ticket)).isTrue();
    assertThat(fence.passed(fence.ticket())).isFalse();
    fence.exit(reader);
  }

  @Test
  void readerMayLeaveOnAnotherThread() throws InterruptedException {
    int reader = fence.enter();
    long ticket = fence.ticket();
    Thread.ofPlatform().start(() -> fence.exit(reader)).join();
    assertThat(fence.passed(ticket)).isTrue();
  }

  /** Slots are reused as soon as their ticket has passed; no reader may ever see that happen. */
  @Test
  void noReaderSeesReuseOfWhatItMapped() throws InterruptedException {
    int slotCount = 4096;
    int[] owner = new int[slotCount];
    AtomicInteger current = new AtomicInteger();
    AtomicInteger violations = new AtomicInteger();
    int rounds = 1_500;
    Thread[] readers = new Thread[3];
    for (int i = 0; i < readers.length; i++) {
      readers[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int slot = 0; slot < rounds; slot = current.get()) {
                      int token = fence.enter();
                      int mapped = current.get();
                      if (mapped < rounds && owner[mapped % slotCount] != mapped) {
                        violations.incrementAndGet();
                      }
                      LockSupport.parkNanos(1_000);
                      if (mapped < rounds && owner[mapped % slotCount] != mapped) {
                        violations.incrementAndGet();
                      }
                      fence.exit(token);
                    }
                  });
    }
    for (int next = 1; next <= rounds; next++) {
      if (next < rounds) {
        owner[next % slotCount] = next;
      }
      current.set(next);
      long ticket = fence.ticket();
      while (!fence.passed(ticket)) {
        LockSupport.parkNanos(1_000);
      }
      owner[(next - 1) % slotCount] = -1; // reuse
    }
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(violations).hasValue(0);
  }
}

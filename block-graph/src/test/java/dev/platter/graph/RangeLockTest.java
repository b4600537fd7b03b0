package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.tck.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class RangeLockTest {
  private final RangeLock lock = new RangeLock();

  @Test
  void rangesApartAreLockedAtOnce() {
    try (RangeLock.Held _ = lock.lock(0, 10);
        RangeLock.Held _ = lock.lock(10, 20);
        RangeLock.Held other = lock.lock(20, 30)) {
      assertThat(other).isNotNull();
    }
  }

  @Test
  void overlappingRangeWaitsAlsoWhenInterruptedAndKeepsTheInterrupt() throws InterruptedException {
    RangeLock.Held first = lock.lock(0, 10);
    CountDownLatch locked = new CountDownLatch(1);
    AtomicInteger interrupted = new AtomicInteger();
    Thread second =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (RangeLock.Held _ = lock.lock(9, 12)) {
                    interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 2);
                    locked.countDown();
                  }
                });
    second.interrupt();
    assertThat(locked.await(50, TimeUnit.MILLISECONDS)).isFalse();
    first.close();
    locked.await();
    assertThat(interrupted).hasValue(1);
    second.join();
  }

  @Test
  void waitingRangeIsNotOvertakenByOneThatOverlapsIt() throws InterruptedException {
    List<String> order = new ArrayList<>();
    RangeLock.Held first = lock.lock(0, 10);
    Thread large = locker("large", 0, 100, order);
    Thread small = locker("small", 50, 60, order);
    first.close();
    large.join();
    small.join();
    assertThat(order).containsExactly("large", "small");
  }

  @Test
  void rangeForWhoseTurnThereIsNoMemoryIsNotLocked() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    RangeLock poor =
        new RangeLock(
            new ReentrantLock() {
              @Override
              public Condition newCondition() {
                if (asked.getAndIncrement() == 0) {
                  throw new OutOfMemoryError("on purpose");
                }
                return super.newCondition();
              }
            });
    RangeLock.Held first = poor.lock(0, 10);
    assertThatThrownBy(() -> poor.lock(5, 15)).isInstanceOf(OutOfMemoryError.class);
    first.close();

    CountDownLatch locked = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try (RangeLock.Held _ = poor.lock(5, 15)) {
                locked.countDown();
              }
            });
    assertThat(locked.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void randomOverlappingRangesExcludeEachOther() {
    Seeds.run(
        random -> {
          AtomicIntegerArray owners = new AtomicIntegerArray(64);
          AtomicInteger violations = new AtomicInteger();
          List<Thread> threads = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            SplittableRandom own = new SplittableRandom(random.nextLong());
            threads.add(
                Thread.ofVirtual()
                    .start(
                        () -> {
                          for (int round = 0; round < 2_000; round++) {
                            int start = own.nextInt(63);
                            int end = own.nextInt(start + 1, 65);
                            occupy(owners, violations, start, end);
                          }
                        }));
          }
          for (Thread thread : threads) {
            thread.join();
          }
          assertThat(violations).hasValue(0);
        });
  }

  private void occupy(AtomicIntegerArray owners, AtomicInteger violations, int start, int end) {
    try (RangeLock.Held _ = lock.lock(start, end)) {
      for (int i = start; i < end; i++) {
        if (owners.getAndIncrement(i) != 0) {
          violations.incrementAndGet();
        }
      }
      for (int i = start; i < end; i++) {
        owners.decrementAndGet(i);
      }
    }
  }

  /** Starts a thread that locks a range, and returns when it waits. */
  private Thread locker(String name, long start, long end, List<String> order)
      throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (RangeLock.Held _ = lock.lock(start, end)) {
                    synchronized (order) {
                      order.add(name);
                    }
                  }
                });
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    return thread;
  }
}

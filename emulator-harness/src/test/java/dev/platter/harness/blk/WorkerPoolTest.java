package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers on a host that has no more threads, and requests that throw. */
@Timeout(60)
class WorkerPoolTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final List<Throwable> reported = new CopyOnWriteArrayList<>();
  private final List<Thread> ranOn = new CopyOnWriteArrayList<>();
  private volatile boolean exhausted = true;
  private final WorkerPool pool = new WorkerPool(2, this::thread);

  private Thread thread(Runnable task) {
    asked.incrementAndGet();
    if (exhausted) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    Thread thread = Thread.ofPlatform().daemon().unstarted(task);
    thread.setUncaughtExceptionHandler((_, e) -> reported.add(e));
    return thread;
  }

  private void note() {
    ranOn.add(Thread.currentThread());
  }

  private static void fail() {
    throw new IllegalStateException("on purpose");
  }

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void requestRunsWhereItWasBroughtIfThereIsNoThreadForIt() throws Exception {
    pool.execute(this::note);
    assertThat(ranOn).containsExactly(Thread.currentThread());

    exhausted = false;
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(
        () -> {
          note();
          ran.countDown();
        });
    ran.await();
    assertThat(ranOn).hasSize(2).last().isNotEqualTo(Thread.currentThread());
  }

  @Test
  void whatSuchARequestThrowsIsThrownOn() {
    assertThatThrownBy(() -> pool.execute(WorkerPoolTest::fail)).hasMessage("on purpose");
  }

  @Test
  void threadOutlivesARequestThatThrows() throws Exception {
    exhausted = false;
    CountDownLatch ran = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      pool.execute(
          () -> {
            ran.countDown();
            fail();
          });
    }
    ran.await();
    exhausted = true;
    CountDownLatch later = new CountDownLatch(1);
    pool.execute(later::countDown);
    later.await();
    pool.close();

    assertThat(asked).hasValue(2);
    assertThat(reported).hasSize(2).allSatisfy(e -> assertThat(e).hasMessage("on purpose"));
  }

  @Test
  void adaptiveExecutorForgetsARequestThatNoWorkerTook() {
    long[] now = {0};
    AdaptiveExecutor executor = new AdaptiveExecutor(pool, () -> now[0]);
    executor.execute(() -> now[0] += 10_000_000);
    for (int i = 0; i < 20; i++) {
      executor.execute(this::note);
    }
    int before = asked.get();
    executor.execute(this::note);

    assertThat(before).isPositive();
    assertThat(asked).hasValue(before);
    assertThat(ranOn).hasSize(21).containsOnly(Thread.currentThread());
  }
}

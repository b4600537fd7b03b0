package dev.platter.api.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.NodeClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight requests = new InFlight("disk");

  @Test
  void holdWaitsForRequestsInProgress() throws Exception {
    int request = requests.enter();
    AtomicBoolean held = new AtomicBoolean();
    Thread holder =
        Thread.ofPlatform()
            .start(
                () -> {
                  requests.hold();
                  held.set(true);
                });
    awaitWaiting(holder);
    assertThat(held).isFalse();
    requests.exit(request);
    holder.join();
    assertThat(held).isTrue();
  }

  @Test
  void requestsAreLetInWhenTheLastHoldEnds() throws Exception {
    requests.hold();
    requests.hold();
    AtomicBoolean in = new AtomicBoolean();
    Thread guest = Thread.ofPlatform().start(() -> enterAndExit(in));
    awaitWaiting(guest);
    requests.release();
    assertThat(in).isFalse();
    requests.release();
    guest.join();
    assertThat(in).isTrue();
  }

  @Test
  void closeRefusesHeldAndLaterRequests() throws Exception {
    requests.hold();
    AtomicBoolean in = new AtomicBoolean();
    Thread guest = Thread.ofPlatform().start(() -> enterAndExit(in));
    awaitWaiting(guest);
    assertThat(requests.close()).isTrue();
    assertThat(requests.close()).isFalse();
    guest.join();
    assertThat(in).isFalse();
    requests.release();
    assertThatThrownBy(requests::enter)
        .isInstanceOf(NodeClosedException.class)
        .hasMessage("disk: node is closed");
  }

  @Test
  void onlyThoseWhoWaitAreLetInLater() throws Exception {
    int request = requests.tryEnter().orElseThrow();
    requests.exit(request);
    requests.hold();
    assertThat(requests.tryEnter()).isEmpty();
    requests.release();
    requests.close();
    assertThat(requests.tryEnter()).isEmpty();
  }

  @Test
  void interruptNeitherEndsHoldNorIsLost() throws Exception {
    int request = requests.enter();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread holder =
        Thread.ofPlatform()
            .start(
                () -> {
                  requests.hold();
                  interrupted.set(Thread.currentThread().isInterrupted());
                });
    awaitWaiting(holder);
    holder.interrupt();
    requests.exit(request);
    holder.join();
    assertThat(interrupted).isTrue();
  }

  @Test
  void nothingIsInProgressWhileHeldUnderLoad() throws Exception {
    AtomicInteger inProgress = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> guests = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      guests.add(Thread.ofPlatform().start(() -> keepBusy(inProgress, stop)));
    }
    for (int round = 0; round < 500; round++) {
      requests.hold();
      assertThat(inProgress).hasValue(0);
      requests.release();
    }
    stop.set(true);
    for (Thread guest : guests) {
      guest.join();
    }
  }

  private void keepBusy(AtomicInteger inProgress, AtomicBoolean stop) {
    try {
      while (!stop.get()) {
        int request = requests.enter();
        inProgress.incrementAndGet();
        Thread.onSpinWait();
        inProgress.decrementAndGet();
        requests.exit(request);
      }
    } catch (NodeClosedException e) {
      throw new AssertionError(e);
    }
  }

  private void enterAndExit(AtomicBoolean in) {
    try {
      requests.exit(requests.enter());
      in.set(true);
    } catch (NodeClosedException e) {
      in.set(false);
    }
  }

  private static void awaitWaiting(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
  }
}

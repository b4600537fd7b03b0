package dev.platter.tools.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order requests beside each other are performed. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LaterRequestsTest {
  private final LaterRequests requests = new LaterRequests();
  private final List<String> ended = new CopyOnWriteArrayList<>();
  private final CountDownLatch slow = new CountDownLatch(1);

  private Callable<Outcome> ends(String name) {
    return () -> {
      ended.add(name);
      return new Outcome(name, true);
    };
  }

  private Callable<Outcome> endsLate(String name) {
    return () -> {
      slow.await();
      return ends(name).call();
    };
  }

  private static LaterRequests.Bytes write(long offset, long length) {
    return new LaterRequests.Bytes(offset, length, true);
  }

  private static LaterRequests.Bytes read(long offset, long length) {
    return new LaterRequests.Bytes(offset, length, false);
  }

  @Test
  void writesOfTheSameBytesKeepTheirOrderHoweverLongTheyTake() {
    requests.start(write(0, 10), endsLate("first"));
    requests.start(write(9, 10), ends("second"));
    requests.start(read(18, 1), ends("third"));
    assertThat(ended).isEmpty();

    slow.countDown();

    assertThat(requests.await())
        .extracting(Outcome::text)
        .containsExactly("first", "second", "third");
    assertThat(ended).containsExactly("first", "second", "third");
  }

  @Test
  void otherBytesAndOtherReadsDoNotWait() throws InterruptedException {
    CountDownLatch others = new CountDownLatch(3);
    Callable<Outcome> other =
        () -> {
          others.countDown();
          return new Outcome("", true);
        };
    requests.start(read(10, 10), endsLate("slow"));
    requests.start(write(20, Long.MAX_VALUE), other);
    requests.start(write(0, 10), other);
    requests.start(read(15, 1), other);

    others.await();

    slow.countDown();
    assertThat(requests.await()).hasSize(4);
  }

  @Test
  void whatIsHeldAtABreakpointKeepsNobodyWaiting() throws InterruptedException {
    CountDownLatch passed = new CountDownLatch(1);
    requests.start(
        write(0, 10),
        () -> {
          requests.held();
          return endsLate("held").call();
        });
    requests.start(
        write(0, 10),
        () -> {
          ended.add("other");
          passed.countDown();
          return new Outcome("", true);
        });

    passed.await();
    slow.countDown();

    assertThat(requests.await()).hasSize(2);
    assertThat(ended).containsExactly("other", "held");
  }
}

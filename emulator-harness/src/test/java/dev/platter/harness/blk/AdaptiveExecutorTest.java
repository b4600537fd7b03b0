package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.graph.UsualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdaptiveExecutorTest {
  private final HeldExecutor workers = new HeldExecutor();
  private final List<String> started = new ArrayList<>();
  private long now;
  private final AdaptiveExecutor executor = new AdaptiveExecutor(workers, () -> now);

  private Runnable request(String name, long nanos) {
    return () -> {
      started.add(name);
      now += nanos;
    };
  }

  @Test
  void shortRequestsStayOnTheThreadThatBringsThem() {
    for (int i = 0; i < 100; i++) {
      executor.execute(request("short", 1_000));
    }

    assertThat(started).hasSize(100);
    assertThat(workers.waiting).isEmpty();
  }

  @Test
  void afterALongRequestWorkersTakeOver() {
    executor.execute(request("long", 10_000_000));
    executor.execute(request("next", 1_000));

    assertThat(started).containsExactly("long");
    workers.runAll();
    assertThat(started).containsExactly("long", "next");
  }

  @Test
  void fewShortRequestsMakeALongOneGood() {
    executor.execute(request("long", 10_000_000));
    int handedOver = 0;
    for (int i = 0; i < 20; i++) {
      executor.execute(request("short", 1_000));
      handedOver += workers.waiting.size();
      workers.runAll();
    }

    assertThat(handedOver).isBetween(1, 8);
  }

  @Test
  void requestNeverOvertakesOneThatWaitsForAWorker() {
    executor.execute(request("long", 4 * UsualTime.SHORT_NANOS));
    executor.execute(request("short", 0));
    while (workers.waiting.isEmpty()) {
      executor.execute(request("slow", 10 * UsualTime.SHORT_NANOS));
    }
    int waiting = workers.waiting.size();
    executor.execute(request("last", 0));

    assertThat(workers.waiting).hasSize(waiting + 1);
    workers.runAll();
    assertThat(started).endsWith("last");
  }

  @Test
  void requestThatThrowsIsCountedToo() {
    executor.execute(request("long", 10_000_000));
    executor.execute(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    assertThat(workers.waiting).hasSize(1);
    try {
      workers.runAll();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("on purpose");
    }
    for (int i = 0; i < 8; i++) {
      executor.execute(request("short", 0));
      workers.runAll();
    }
    executor.execute(request("inline", 0));
    assertThat(started).endsWith("inline");
  }

  @Test
  void requestThatTheWorkersRefuseIsNotCounted() {
    List<Runnable> asked = new ArrayList<>();
    RequestExecutor refusing =
        new RequestExecutor() {
          @Override
          public void execute(Runnable request) {
            asked.add(request);
            if (asked.size() == 1) {
              throw new OutOfMemoryError("on purpose");
            }
            request.run();
          }

          @Override
          public void close() {}
        };
    AdaptiveExecutor adaptive = new AdaptiveExecutor(refusing, () -> now);
    adaptive.execute(request("long", 10_000_000));
    assertThatThrownBy(() -> adaptive.execute(request("refused", 0))).hasMessage("on purpose");
    for (int i = 0; i < 20; i++) {
      adaptive.execute(request("short", 0));
    }
    int handedOver = asked.size();
    adaptive.execute(request("inline", 0));

    assertThat(started).hasSize(22).doesNotContain("refused");
    assertThat(asked).as("no worker was asked for the last").hasSize(handedOver);
  }
}

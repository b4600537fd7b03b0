package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.tools.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class InOrderTest {
  private final InOrder order = new InOrder();
  private final List<Long> done = new ArrayList<>();

  @Test
  void aPieceWaitsForThoseBeforeIt() throws Exception {
    submit(2);
    submit(1);
    assertThat(done).isEmpty();
    submit(0);
    assertThat(done).containsExactly(0L, 1L, 2L);
  }

  @Test
  void nothingIsDoneAfterAFailure() throws Exception {
    submit(1);
    assertThatThrownBy(
            () ->
                order.submit(
                    0,
                    () -> {
                      throw new CommandFailure("disk full");
                    }))
        .hasMessage("disk full");
    submit(2);
    assertThat(done).isEmpty();
  }

  @Test
  void manyThreadsLeaveNothingBehind() throws Exception {
    int count = 5_000;
    AtomicLong next = new AtomicLong();
    List<Future<?>> works = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        works.add(
            threads.submit(
                () -> {
                  for (long n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                    submit(n);
                  }
                  return null;
                }));
      }
    }
    for (Future<?> work : works) {
      work.get();
    }
    assertThat(done).containsExactlyElementsOf(LongStream.range(0, count).boxed().toList());
  }

  private void submit(long number) throws CommandFailure {
    order.submit(number, () -> done.add(number));
  }
}

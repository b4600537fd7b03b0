package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tools.CommandFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When {@code img bench} flushes; the expected numbers are what {@code qemu-img bench} sends. */
class BenchFlushTest {
  private static final int REQUEST_BYTES = 512;

  @ParameterizedTest
  @CsvSource({
    "25, 1, 10, 5 15 25",
    "25, 4, 10, 5 15 25",
    "21, 1, 10, 1 11 21",
    "21, 4, 10, 11 21", // four are sent before the first one ends
    "40, 4, 10, 10 20 30 40",
    "7, 4, 10, 7",
    "8, 4, 4, 4 8",
    "3, 4, 10, 3",
    "0, 1, 10, ''"
  })
  void flushesThatDrainAreCountedFromTheEnd(int count, int depth, int interval, String expected)
      throws CommandFailure, IOException {
    RecordingNode node = node();
    new BenchRun(node, plan(count, depth, interval, true)).run();
    assertThat(writesBeforeEachFlush(node)).isEqualTo(numbers(expected));
    assertThat(node.count(Operation.Write.class)).isEqualTo(count);
  }

  @ParameterizedTest
  @CsvSource({
    "25, 1, 10, 5 15 25",
    "25, 4, 10, 2 12 22 23 24 25", // the last four find nothing left to be sent
    "7, 4, 10, 4 5 6 7",
    "40, 4, 10, 7 17 27 37 38 39 40"
  })
  void flushesThatDoNotDrainAreSentByTheRequestsThatFindAMultipleLeft(
      int count, int depth, int interval, String endedRequests) throws CommandFailure, IOException {
    RecordingNode node = node();
    new BenchRun(node, plan(count, depth, interval, false)).run();
    List<Long> seen = writesBeforeEachFlush(node);
    List<Long> least = numbers(endedRequests);
    assertThat(seen).hasSameSizeAs(least);
    for (int i = 0; i < least.size(); i++) {
      assertThat(seen.get(i)).as("flush %d of %s", i, seen).isGreaterThanOrEqualTo(least.get(i));
    }
  }

  @Test
  void requestsGoOnBesideAFlushThatDoesNotDrain() throws CommandFailure, IOException {
    CountDownLatch later = new CountDownLatch(9);
    RecordingNode writes =
        new RecordingNode(
            new MemoryNode("disk", 1 << 20),
            operation -> {
              if (operation instanceof Operation.Write) {
                later.countDown();
              }
            });
    BlockNode slow =
        new ForwardingNode("slow", writes) {
          @Override
          public void flush() throws IOException {
            try {
              assertThat(later.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }

          @Override
          public void close() throws IOException {
            below().close();
          }
        };
    new BenchRun(slow, plan(15, 1, 10, false)).run();
    assertThat(writes.count(Operation.Write.class)).isEqualTo(15);
  }

  @ParameterizedTest
  @CsvSource({"true, Failed request: ", "false, Failed flush request: "})
  void flushThatFailsEndsTheBenchmark(boolean drains, String words) {
    BlockNode failing =
        new ForwardingNode("failing", new MemoryNode("disk", 1 << 20)) {
          @Override
          public void flush() throws IOException {
            throw new IOException("no");
          }

          @Override
          public void close() throws IOException {
            below().close();
          }
        };
    assertThatThrownBy(() -> new BenchRun(failing, plan(1000, 4, 10, drains)).run())
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith(words);
  }

  private static RecordingNode node() {
    return new RecordingNode(new MemoryNode("disk", 1 << 20));
  }

  private static BenchPlan plan(int count, int depth, int interval, boolean drains) {
    return new BenchPlan(
        true,
        count,
        depth,
        0,
        REQUEST_BYTES,
        REQUEST_BYTES,
        (byte) 1,
        interval,
        drains,
        OptionalLong.empty());
  }

  private static List<Long> writesBeforeEachFlush(RecordingNode node) {
    List<Long> counts = new ArrayList<>();
    long writes = 0;
    for (Operation operation : node.changes()) {
      if (operation instanceof Operation.Flush) {
        counts.add(writes);
      } else {
        writes++;
      }
    }
    return counts;
  }

  private static List<Long> numbers(String text) {
    return text.isEmpty()
        ? List.of()
        : List.of(text.split(" ")).stream().map(Long::valueOf).toList();
  }
}

package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.platter.api.BlockNode;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.tck.fake.ColdNode;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The device's way from ring to ring makes no objects, whatever the compiler does. */
class DeviceAllocationTest {
  private static final int BUFFERS = 64;
  private static final int BUFFER_BYTES = 4096;
  private static final int ROUNDS = 100;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<GuestRequest> requests = new ArrayList<>();
  private long served;

  @Test
  void readsAndWritesOfBuffersInUseTakeNoHeap() throws Exception {
    assertNoHeap(
        node(),
        RequestExecutor.inline(),
        (queue, request, sector) -> {
          submit(queue, request.read(sector, BUFFER_BYTES));
          submit(queue, request.write(sector, BUFFER_BYTES));
        });
    assertThat(served).isEqualTo(2L * (ROUNDS + 2) * BUFFERS);
  }

  @Test
  void readsOfWhatIsAtHandTakeNoHeap() throws Exception {
    HeldExecutor workers = new HeldExecutor();
    assertNoHeap(
        new ColdNode(node(), Long.MAX_VALUE),
        new AdaptiveExecutor(workers, System::nanoTime),
        (queue, request, sector) -> submit(queue, request.read(sector, BUFFER_BYTES)));
    assertThat(served).isEqualTo((ROUNDS + 2L) * BUFFERS);
    assertThat(workers.waiting).isEmpty();
  }

  private static GateNode node() {
    GateNode node = new GateNode();
    node.go.countDown();
    return node;
  }

  /** What is done with one of the buffers. */
  private interface Use {
    void apply(DriverQueue queue, GuestRequest request, long sector);
  }

  private void assertNoHeap(BlockNode node, RequestExecutor executor, Use use) throws Exception {
    try (TestMachine machine =
        TestMachine.of(
            node, BlkOptions.DEFAULT, DriverOptions.DEFAULT, executor, AccessListener.NONE)) {
      for (int i = 0; i < BUFFERS; i++) {
        requests.add(machine.driver().newRequest(BUFFER_BYTES));
      }
      DriverQueue queue = machine.driver().queue(0);
      useAll(queue, use);
      useAll(queue, use);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int round = 0; round < ROUNDS; round++) {
        useAll(queue, use);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(bytes).isLessThan((long) ROUNDS * BUFFERS); // less than one byte for each
    }
  }

  private void useAll(DriverQueue queue, Use use) {
    for (int i = 0; i < BUFFERS; i++) {
      use.apply(queue, requests.get(i), (long) i * BUFFER_BYTES / VirtioBlkRequest.SECTOR_BYTES);
    }
  }

  private void submit(DriverQueue queue, GuestRequest request) {
    queue.offer(request);
    queue.kick();
    queue.reap(_ -> {});
    served += request.status() == BlkStatus.OK ? 1 : 0;
  }
}

package dev.platter.harness.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.platter.harness.TestMachine;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
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
    GateNode node = new GateNode();
    node.go.countDown();
    try (TestMachine machine = TestMachine.of(node, BlkOptions.DEFAULT, DriverOptions.DEFAULT)) {
      for (int i = 0; i < BUFFERS; i++) {
        requests.add(machine.driver().newRequest(BUFFER_BYTES));
      }
      DriverQueue queue = machine.driver().queue(0);
      serve(queue);
      serve(queue);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int round = 0; round < ROUNDS; round++) {
        serve(queue);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(served).isEqualTo(2L * (ROUNDS + 2) * BUFFERS);
      assertThat(bytes).isLessThan(2L * ROUNDS * BUFFERS); // less than one byte for each
    }
  }

  /** A read and a write by each buffer. */
  private void serve(DriverQueue queue) {
    for (int i = 0; i < BUFFERS; i++) {
      GuestRequest request = requests.get(i);
      long sector = (long) i * BUFFER_BYTES / VirtioBlkRequest.SECTOR_BYTES;
      submit(queue, request.read(sector, BUFFER_BYTES));
      submit(queue, request.write(sector, BUFFER_BYTES));
    }
  }

  private void submit(DriverQueue queue, GuestRequest request) {
    queue.offer(request);
    queue.kick();
    queue.reap(_ -> {});
    served += request.status() == BlkStatus.OK ? 1 : 0;
  }
}

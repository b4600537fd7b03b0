package dev.platter.harness.workload;

import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestIoException;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockBlkDriver;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;

/** Runs jobs on one queue: keeps each at its depth until all are done. Threads: one. */
final class QueueLoop {
  private final MockBlkDriver driver;
  private final DriverQueue queue;
  private final List<Lane> lanes;
  private final IdentityHashMap<GuestRequest, Lane> laneOf = new IdentityHashMap<>();
  private final Consumer<GuestRequest> onCompleted = this::completed;

  /** A job with its requests that are not in flight. */
  private record Lane(Job job, ArrayDeque<GuestRequest> free) {}

  QueueLoop(MockBlkDriver driver, DriverQueue queue, Workload workload, List<Job> jobs) {
    this.driver = driver;
    this.queue = queue;
    this.lanes = jobs.stream().map(job -> new Lane(job, new ArrayDeque<>())).toList();
    for (Lane lane : lanes) {
      for (int i = 0; i < workload.ioDepth(); i++) {
        GuestRequest request = driver.newRequest(workload.blockBytes());
        lane.job().fill(request);
        lane.free().push(request);
        laneOf.put(request, lane);
      }
    }
  }

  /**
   * Runs until all jobs are done.
   *
   * @throws GuestIoException if the device does not answer any more
   */
  void run() throws GuestIoException {
    while (true) {
      for (Lane lane : lanes) {
        submit(lane);
      }
      queue.kick();
      if (queue.reap(onCompleted) > 0) {
        continue;
      }
      if (queue.inFlight() > 0) {
        queue.await(driver.timeout());
      } else if (lanes.stream().allMatch(lane -> lane.job().done())) {
        break;
      }
    }
    laneOf.keySet().forEach(driver::recycle);
  }

  private void submit(Lane lane) throws GuestIoException {
    while (!lane.free().isEmpty() && lane.job().prepare(lane.free().peek())) {
      GuestRequest request = lane.free().pop();
      while (!queue.offer(request)) { // more depth than descriptors
        queue.kick();
        queue.await(driver.timeout());
        queue.reap(onCompleted);
      }
    }
  }

  private void completed(GuestRequest request) {
    Lane lane = laneOf.get(request);
    lane.job().completed(request, System.nanoTime());
    lane.free().push(request);
  }
}

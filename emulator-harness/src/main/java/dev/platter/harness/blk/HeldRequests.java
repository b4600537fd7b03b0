package dev.platter.harness.blk;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The requests that a stopped device keeps, and whether it is stopped. Threads: any; the lock is
 * this object's monitor, under which nothing else is called.
 */
final class HeldRequests {
  private static final Comparator<BlkRequestSlot> AVAILABLE_ORDER =
      Comparator.<BlkRequestSlot>comparingInt(slot -> slot.queue().index())
          .thenComparingLong(BlkRequestSlot::sequence);

  private final List<BlkRequestSlot> slots = new ArrayList<>();
  private volatile boolean stopped;

  boolean stopped() {
    return stopped;
  }

  /** Stops the device, because of this request. */
  synchronized void stopWith(BlkRequestSlot slot) {
    stopped = true;
    slots.add(slot);
  }

  /** Keeps a request that has not begun, if the device is stopped. */
  boolean holdIfStopped(BlkRequestSlot slot) {
    if (!stopped) { // the usual case takes no lock
      return false;
    }
    synchronized (this) {
      if (stopped) {
        slots.add(slot);
      }
      return stopped;
    }
  }

  /** Ends the stop and hands out what was kept, in the order in which it became available. */
  synchronized List<BlkRequestSlot> resume() {
    List<BlkRequestSlot> again = new ArrayList<>(slots);
    slots.clear();
    stopped = false;
    again.sort(AVAILABLE_ORDER);
    return again;
  }
}

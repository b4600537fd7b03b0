package dev.platter.harness.blk;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The requests that a stopped device keeps, and its way from running to stopped and back.
 *
 * <pre>{@code
 * running --stopWith--> stopped --askToResume--> stopped, to be resumed
 *    ^                                                     |
 *    +---endResubmission--- resubmitting <--beginResubmission
 * }</pre>
 *
 * <p>While stopped, requests are held. While resubmitting they are carried out, but none is taken
 * from a queue: otherwise it could overtake one that was held. A failure while resubmitting leads
 * back to stopped.
 *
 * <p>Requests that have failed go before those that have not begun: a part of a failed write may be
 * on the disk already, and must not be put there again over what came after it.
 *
 * <p>Threads: any; the lock is this object's monitor, taken before a queue's.
 */
final class HeldRequests {
  private static final Comparator<BlkRequestSlot> RESUBMISSION_ORDER =
      Comparator.comparing(BlkRequestSlot::failed)
          .reversed()
          .thenComparingInt(slot -> slot.queue().index())
          .thenComparingLong(BlkRequestSlot::sequence);

  /** The first of them, chained in no order: to keep one takes no memory. Null if there is none. */
  private BlkRequestSlot first;

  private boolean resubmitting;
  private volatile boolean stopped;
  private volatile boolean paused;
  private volatile boolean resumeAsked;

  /** Whether requests are held. */
  boolean stopped() {
    return stopped;
  }

  /** Whether no request may be taken from a queue. */
  boolean paused() {
    return paused;
  }

  /** Whether the stop is to be ended as soon as every request taken from a queue is settled. */
  boolean resumeAsked() {
    return resumeAsked;
  }

  /** Stops the device, because of this request. */
  synchronized void stopWith(BlkRequestSlot slot) {
    stopped = true;
    paused = true;
    slot.setFailed();
    add(slot);
  }

  private void add(BlkRequestSlot slot) {
    slot.holdBefore(first);
    first = slot;
  }

  /** Keeps a request that has not begun, if the device is stopped. */
  boolean holdIfStopped(BlkRequestSlot slot) {
    if (!stopped) { // the usual case takes no lock
      return false;
    }
    synchronized (this) {
      if (stopped) {
        add(slot);
      }
      return stopped;
    }
  }

  /** Asks for the end of a stop; does nothing unless stopped. */
  synchronized void askToResume() {
    resumeAsked = stopped;
  }

  /**
   * Ends the stop, if that was asked for, and nobody is doing it, and all requests are settled.
   *
   * @param settled whether every request taken from a queue has been completed or is held
   * @return what was held: what has failed before what has not begun, each in the order in which it
   *     became available; empty if the stop goes on
   */
  synchronized List<BlkRequestSlot> beginResubmission(BooleanSupplier settled) {
    if (!resumeAsked || resubmitting || !settled.getAsBoolean()) {
      return List.of();
    }
    List<BlkRequestSlot> again = new ArrayList<>();
    for (BlkRequestSlot slot = first; slot != null; slot = slot.next()) {
      again.add(slot);
    }
    again.sort(RESUBMISSION_ORDER);
    for (BlkRequestSlot slot : again) { // from here on nothing may fail
      slot.leave();
    }
    first = null;
    resumeAsked = false;
    resubmitting = true;
    stopped = false;
    return again;
  }

  /** Lets requests be taken from queues again, unless one of those resubmitted has failed. */
  synchronized void endResubmission() {
    resubmitting = false;
    paused = stopped;
  }
}

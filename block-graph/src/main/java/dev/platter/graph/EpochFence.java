package dev.platter.graph;

import dev.platter.api.driver.ReadFence;
import dev.platter.api.driver.StripedCounters;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The read fence of one image: knows when mappings that were handed out are no longer used.
 *
 * <p>A user of mappings counts itself in before it asks for one and out when its transfer has
 * ended. There are two counters; users take the one of the current epoch's parity, and the epoch
 * moves on only when the other counter, that of the epoch before, has been seen at zero. So users
 * that keep coming never hold the epoch back.
 *
 * <ul>
 *   <li>I1: a user is counted before it calls {@code map} and until its transfer has ended, on one
 *       counter and one stripe.
 *   <li>I2: the epoch goes from e to e + 1 only after the counter of parity e + 1 was seen at zero,
 *       and after e was seen.
 *   <li>I3: a ticket of epoch t has passed when the epoch is t + 3. The step to t + 1 may rest on a
 *       look at a counter from before the ticket; the next two cannot (I2), and between them they
 *       have seen both counters at zero after the ticket was taken. Whoever was counted by then has
 *       ended; whoever came later mapped after the unlinking (I1).
 * </ul>
 *
 * <p>All accesses are volatile, so a user that was not seen by the look at a counter sees what was
 * unlinked before it. Nothing here blocks or allocates.
 */
final class EpochFence implements ReadFence {
  private static final int EPOCHS_TO_PASS = 3;

  private final StripedCounters users = new StripedCounters(2);
  private final AtomicLong epoch = new AtomicLong();

  /** Counts the caller in. The result is to be given to {@link #exit}, on any thread. */
  int enter() {
    int parity = (int) (epoch.get() & 1);
    int stripe = StripedCounters.stripe();
    users.increment(parity, stripe);
    return stripe << 1 | parity;
  }

  /** Counts out whoever got {@code token}. */
  void exit(int token) {
    users.decrement(token & 1, token >> 1);
  }

  @Override
  public long ticket() {
    return epoch.get();
  }

  @Override
  public boolean passed(long ticket) {
    for (; ; ) {
      long now = epoch.get();
      if (now - ticket >= EPOCHS_TO_PASS) {
        return true;
      }
      if (!users.isZero((int) (now + 1 & 1))) {
        return false;
      }
      epoch.compareAndSet(now, now + 1);
    }
  }
}

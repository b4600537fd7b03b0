package dev.platter.qcow2;

import dev.platter.api.driver.ReadFence;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/** A read fence that knows each user by a number of its own. */
final class CountingFence implements ReadFence {
  private final AtomicLong next = new AtomicLong();
  private final ConcurrentSkipListSet<Long> users = new ConcurrentSkipListSet<>();

  /** Counts a user in; close the result to count it out. */
  synchronized Use enter() {
    long number = next.getAndIncrement();
    users.add(number);
    return () -> users.remove(number);
  }

  @Override
  public synchronized long ticket() {
    return next.getAndIncrement();
  }

  @Override
  public boolean passed(long ticket) {
    return users.headSet(ticket, true).isEmpty();
  }

  /** Somebody who uses a mapping. */
  interface Use extends AutoCloseable {
    @Override
    void close();
  }
}

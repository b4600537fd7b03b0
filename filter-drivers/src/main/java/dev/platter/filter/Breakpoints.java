package dev.platter.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Breakpoints of one {@code blkdebug} node, and the threads that they hold.
 *
 * <ul>
 *   <li>I1: a breakpoint holds one request, and is gone then.
 *   <li>I2: it is said that a request is held before anybody who waits for that goes on.
 *   <li>I3: held threads wait with no lock of this class's held; an interrupt does not end that.
 * </ul>
 */
final class Breakpoints {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Breakpoint> waiting = new ArrayList<>(); // guarded by lock
  private final List<Breakpoint> held = new ArrayList<>(); // guarded by lock

  private record Breakpoint(String event, String tag, Consumer<String> notices) {
    // Two of the same event and tag are two breakpoints.
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  void add(String event, String tag, Consumer<String> notices) {
    lock.lock();
    try {
      waiting.addFirst(new Breakpoint(event, tag, notices));
    } finally {
      lock.unlock();
    }
  }

  /** Holds the calling thread if there is a breakpoint for this event. */
  void reached(String event) {
    lock.lock();
    try {
      Optional<Breakpoint> hit =
          waiting.stream().filter(breakpoint -> breakpoint.event().equals(event)).findFirst();
      if (hit.isEmpty()) {
        return;
      }
      waiting.remove(hit.get()); // I1
      hit.get().notices().accept("Suspended request '%s'".formatted(hit.get().tag())); // I2
      held.add(hit.get());
      changed.signalAll();
      while (held.contains(hit.get())) {
        changed.awaitUninterruptibly(); // I3
      }
    } finally {
      lock.unlock();
    }
  }

  boolean remove(String tag) {
    lock.lock();
    try {
      boolean found = waiting.removeIf(breakpoint -> breakpoint.tag().equals(tag));
      while (resume(tag)) {
        found = true;
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  boolean resume(String tag) {
    lock.lock();
    try {
      Optional<Breakpoint> found = findHeld(tag);
      if (found.isEmpty()) {
        return false;
      }
      found.get().notices().accept("Resuming request '%s'".formatted(tag));
      held.remove(found.get());
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  void awaitHeld(String tag) throws InterruptedException {
    lock.lock();
    try {
      while (findHeld(tag).isEmpty()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The one with this tag that was held last. */
  private Optional<Breakpoint> findHeld(String tag) {
    return held.reversed().stream().filter(breakpoint -> breakpoint.tag().equals(tag)).findFirst();
  }

  /** Lets all go on. */
  void clear() {
    lock.lock();
    try {
      waiting.clear();
      held.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

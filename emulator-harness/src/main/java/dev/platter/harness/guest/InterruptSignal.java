package dev.platter.harness.guest;

import java.util.concurrent.TimeUnit;

/** An interrupt that stays pending until somebody has waited for it. Threads: any. */
final class InterruptSignal {
  private boolean pending;
  private long count;

  /** An interrupt. */
  synchronized void raise() {
    count++;
    wake();
  }

  /** Wakes whoever waits, without counting as an interrupt. */
  synchronized void wake() {
    pending = true;
    notifyAll();
  }

  synchronized long count() {
    return count;
  }

  /** Waits for the signal and takes it; false if there was none for so long. */
  synchronized boolean await(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    while (!pending) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        interrupted = true; // the device has the request's memory until it answers
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    boolean raised = pending;
    pending = false;
    return raised;
  }
}

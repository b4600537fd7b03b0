package dev.platter.tools.img;

import dev.platter.graph.UsualTime;

/**
 * Keeps back threads of a benchmark while there is no use for them: while requests are short, more
 * threads than processors only wait for a processor.
 *
 * <ul>
 *   <li>I1: as many threads as there are processors never rest, so requests go on in any case.
 *   <li>I2: whoever finds that requests are not short any more, or that there are none left, wakes
 *       all that rest; a thread looks at both again before it rests.
 * </ul>
 */
final class RestingThreads {
  private final int processorCount = Runtime.getRuntime().availableProcessors();
  private final UsualTime usualTime = new UsualTime();
  private volatile int resting; // written under the lock
  private boolean ended;

  /** Returns when there is a use for a thread. */
  void awaitUse(int threadIndex) throws InterruptedException {
    if (threadIndex < processorCount || !usualTime.isShort()) { // I1
      return;
    }
    synchronized (this) {
      resting++;
      while (usualTime.isShort() && !ended) { // I2
        wait();
      }
      resting--;
    }
  }

  /** Takes note of how long a request took. */
  void add(long nanos) {
    usualTime.add(nanos);
    if (resting > 0 && !usualTime.isShort()) {
      wake();
    }
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** There are no more requests. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }
}

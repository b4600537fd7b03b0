package dev.platter.tools.img;

import dev.platter.graph.UsualTime;
import java.lang.invoke.VarHandle;

/**
 * Keeps back threads of a benchmark while there is no use for them: while requests are short, more
 * threads than processors only wait for a processor.
 *
 * <ul>
 *   <li>I1: as many threads as there are processors never rest, so requests go on in any case.
 *   <li>I2: whoever finds that requests are not short any more, or that there are none left, wakes
 *       all that rest; a thread looks at both again before it rests. Of one that says that requests
 *       are not short and then looks for somebody who rests, and one that says that it rests and
 *       then looks whether requests are short, at least one sees what the other has said: a fence
 *       stands between the two steps of each.
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
      VarHandle.fullFence(); // I2
      while (usualTime.isShort() && !ended) {
        wait();
      }
      resting--;
    }
  }

  /** Takes note of how long a request took. */
  void add(long nanos) {
    usualTime.add(nanos);
    if (usualTime.isShort()) {
      return; // most often: costs no fence
    }
    VarHandle.fullFence(); // I2
    if (resting > 0) {
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

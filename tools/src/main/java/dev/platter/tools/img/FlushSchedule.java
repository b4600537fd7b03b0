package dev.platter.tools.img;

/**
 * Which requests of a benchmark may begin, and when a flush is due: where the requests that are not
 * handed out yet are a multiple of the interval. So flushes are counted from the end: of 25
 * requests with an interval of 10, they come after 5, 15 and 25.
 *
 * <ul>
 *   <li>I1: as many requests are handed out as may be in progress, whether a thread has begun them
 *       or not. What is left when one ends does not depend on how soon threads begin.
 *   <li>I2: a draining flush is due when no request is in progress, and none is handed out before
 *       it has ended.
 *   <li>I3: one that does not drain is due at each request that ends at such a moment, and the next
 *       request is handed out with it. So the last requests are flushed each.
 * </ul>
 *
 * <p>Threads: any number, not more than requests may be in progress.
 */
final class FlushSchedule {
  private final int depth;
  private final int interval;
  private final boolean drains;
  private int left;
  private int handedOut;
  private int inProgress; // handed out, and not ended

  /**
   * Hands out the first requests.
   *
   * @param count how many requests there are
   * @param depth how many of them may be in progress, at least 1
   * @param interval after how many a flush is due, at least 1
   * @param drains whether a flush waits until no request is in progress
   */
  FlushSchedule(int count, int depth, int interval, boolean drains) {
    this.depth = depth;
    this.interval = interval;
    this.drains = drains;
    this.left = count;
    handOut();
  }

  /** Waits until a request may begin; returns whether there is one. */
  synchronized boolean begin() throws InterruptedException {
    while (handedOut == 0 && left > 0) {
      wait();
    }
    if (handedOut == 0) {
      return false;
    }
    handedOut--;
    return true;
  }

  /**
   * Ends a request.
   *
   * @return whether a flush is due; if it drains, {@link #flushed} is to follow
   */
  synchronized boolean end() {
    inProgress--;
    boolean due = left % interval == 0;
    if (due && drains) {
      return inProgress == 0; // I2
    }
    handOut();
    notifyAll();
    return due; // I3
  }

  /** A draining flush has ended. */
  synchronized void flushed() {
    handOut();
    notifyAll();
  }

  /** Hands out no more. */
  synchronized void stop() {
    left = 0;
    handedOut = 0;
    notifyAll();
  }

  private void handOut() {
    int more = Math.min(left, depth - inProgress);
    left -= more;
    handedOut += more;
    inProgress += more; // I1
  }
}

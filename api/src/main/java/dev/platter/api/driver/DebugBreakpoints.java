package dev.platter.api.driver;

import java.util.function.Consumer;

/**
 * A debugging filter that can hold the requests of the driver above at an event, until somebody
 * lets them go on. A held request keeps the locks that it has.
 *
 * <p>Threads: any number.
 */
public interface DebugBreakpoints {
  /**
   * Holds the next request that comes to an event; only that one.
   *
   * @param event the event, in QEMU's words: {@code cow_write}
   * @param tag names the request from then on
   * @param notices told, in a few words, when the request is held and when it goes on
   * @return whether there is such an event
   */
  boolean breakAt(String event, String tag, Consumer<String> notices);

  /**
   * Forgets breakpoints with this tag, and lets requests go on that are held with it.
   *
   * @return whether there were any
   */
  boolean removeBreak(String tag);

  /**
   * Lets a request go on.
   *
   * @return whether one was held with this tag
   */
  boolean resume(String tag);

  /** Waits until a request is held with this tag. */
  void awaitHeld(String tag) throws InterruptedException;
}

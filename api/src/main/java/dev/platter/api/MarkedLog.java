package dev.platter.api;

import java.io.IOException;

/**
 * A node that keeps a log of what is written through it, in which others can leave marks: that a
 * guest's request has been acknowledged, for instance.
 */
public interface MarkedLog {
  /**
   * Adds a mark behind everything that has been logged so far. Any thread.
   *
   * @param text at most a few hundred bytes; what does not fit is cut off
   */
  void mark(String text) throws IOException;
}

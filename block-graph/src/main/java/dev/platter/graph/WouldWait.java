package dev.platter.graph;

import java.io.IOException;

/** A read that is not to wait would wait. It is no failure, so it knows no place. */
final class WouldWait extends IOException {
  private static final long serialVersionUID = 1;

  WouldWait() {
    super("the read would wait for a disk");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}

package dev.platter.harness.blk;

/**
 * How a device gets the guest's attention.
 *
 * <p>Threads: called from any, several at once, without locks of the device held. Must not block,
 * and must not call the device back before it returns. What it throws is told to the handler of the
 * thread's uncaught exceptions, and keeps no request waiting.
 */
public interface InterruptLine {
  /** The used ring of a queue has new entries of which the driver wants to know. */
  void queueInterrupt(int queueIndex);

  /** The configuration has changed, or the device needs a reset. */
  void configurationChanged();
}

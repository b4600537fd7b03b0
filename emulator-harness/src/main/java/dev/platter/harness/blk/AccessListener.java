package dev.platter.harness.blk;

import java.io.IOException;

/**
 * Hears what a device does for its guest: for logs, statistics and tests.
 *
 * <p>Threads: called from any, several at once, without locks of the device held. Must not block.
 *
 * <p>{@link #completed} and {@link #failed} come before the guest can know: the request still
 * counts as under way, and a reset or an unplugging on another thread, which holds the device,
 * waits for it. So they must not call {@link VirtioBlkDevice}, nor wait for a thread that does:
 * only {@link VirtioBlkDevice#stopped} may be asked. Who has more to do there does it on a thread
 * of its own.
 *
 * <p>What a listener throws costs no request: the handler of its thread's uncaught exceptions is
 * told.
 */
public interface AccessListener {
  /** Hears nothing. */
  AccessListener NONE = new AccessListener() {};

  /** A request is about to be completed with this status, unless a reset is faster. */
  default void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {}

  /** The disk failed a request, and this is what the error policy does about it. */
  default void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {}

  /** The guest broke a rule: the device needs a reset. */
  default void broken(String message) {}
}

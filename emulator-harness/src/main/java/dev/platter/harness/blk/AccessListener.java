package dev.platter.harness.blk;

import java.io.IOException;

/**
 * Hears what a device does for its guest: for logs, statistics and tests.
 *
 * <p>Threads: called from any, several at once, without locks of the device held. Must not block.
 */
public interface AccessListener {
  /** Hears nothing. */
  AccessListener NONE = new AccessListener() {};

  /** A request is about to be completed with this status. */
  default void completed(int queueIndex, VirtioBlkRequest request, BlkStatus status) {}

  /** The disk failed a request, and this is what the error policy does about it. */
  default void failed(
      int queueIndex, VirtioBlkRequest request, IOException failure, ErrorAction action) {}

  /** The guest broke a rule: the device needs a reset. */
  default void broken(String message) {}
}

package dev.platter.harness.blk;

import java.io.IOException;

/**
 * A listener whose exceptions cost no request: they are told to the handler of the thread's
 * uncaught exceptions, and what that throws is told to nobody, as by the virtual machine.
 *
 * <p>Threads: any.
 */
record GuardedListener(AccessListener listener) {

  /** A request has failed. */
  void failed(BlkRequestSlot slot, IOException failure, ErrorAction action) {
    try {
      listener.failed(slot.queue().index(), slot.request().value(), failure, action);
    } catch (RuntimeException | Error e) {
      tellThread(e);
    }
  }

  /** A request is about to be completed. */
  @SuppressWarnings("ReferenceEquality") // NONE stands for nobody, for whom no value is made
  void completed(BlkRequestSlot slot, BlkStatus result) {
    if (listener == AccessListener.NONE) {
      return;
    }
    try {
      listener.completed(slot.queue().index(), slot.request().value(), result);
    } catch (RuntimeException | Error e) {
      tellThread(e);
    }
  }

  /** The device needs a reset. */
  void broken(String message) {
    try {
      listener.broken(message);
    } catch (RuntimeException | Error e) {
      tellThread(e);
    }
  }

  /** Tells the thread's handler of something that was thrown and keeps nobody from going on. */
  static void tellThread(Throwable thrown) {
    try {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    } catch (RuntimeException | Error e) {
      return; // nobody is left to be told, and a request is to be ended
    }
  }
}

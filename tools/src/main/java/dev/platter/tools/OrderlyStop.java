package dev.platter.tools;

import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;

/**
 * Lets a command end in order when its process is told to stop: by Ctrl-C, TERM or HUP.
 *
 * <p>The thread that began it is interrupted, and the process waits until that thread has closed
 * it: images are flushed and closed, and temporary files removed, as after any other failure.
 */
public final class OrderlyStop implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  private OrderlyStop(Thread worker) {
    this.hook = new Thread(() -> stop(worker), "orderly-stop");
  }

  /** Begins it for this thread, which closes it when nothing is left to be done in order. */
  public static OrderlyStop begin() {
    OrderlyStop stop = new OrderlyStop(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  /**
   * Ends work that does not end by itself when its thread is interrupted.
   *
   * @throws InterruptedIOException if this thread is
   */
  public static void check() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("stopped");
    }
  }

  private void stop(Thread worker) {
    worker.interrupt();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the virtual machine does not interrupt its hooks
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is stopping, and the hook is what waited for this
    }
  }
}

package dev.platter.tools.text;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;

/**
 * Notes that this process was sent SIGUSR1, which asks a program how far it is.
 *
 * <p>Only work that lasts is asked. What is over in a moment does not pay for a handler: until one
 * is there, the signal is ignored if whoever started the process ignored it, and else ends it.
 */
final class ProgressSignal {
  private static final String NAME = "USR1";
  private static final long MOMENT_MILLIS = 200;

  private final AtomicBoolean asked = new AtomicBoolean();

  /** Begins to listen, after a moment; for as long as the process runs. */
  void listen() {
    Thread.ofPlatform().daemon().name("progress-signal").start(this::register);
  }

  private void register() {
    try {
      Thread.sleep(MOMENT_MILLIS);
      Signals.register(NAME, this::ask); // does nothing on a host that has no such signal
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does; there is no handler then
    }
  }

  /** What the signal does. */
  void ask() {
    asked.set(true);
  }

  /** Whether the signal came since this was called last. */
  boolean wasAsked() {
    return asked.get() && asked.getAndSet(false);
  }
}

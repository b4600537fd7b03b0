package dev.platter.tools.io;

import dev.platter.api.driver.DebugBreakpoints;
import dev.platter.api.error.Errno;
import java.util.List;
import java.util.Optional;

/** Commands that hold requests at events of {@code blkdebug}, and those that end the program. */
final class BreakCommands {
  private static final String NO_SUCH = Errno.ENOENT.text();
  private static final String NOT_SUPPORTED = Errno.ENOTSUP.text();
  private static final int SIGNAL_MAXIMUM = 65;

  /** What a shell adds to the number of the signal that ended a program. */
  private static final int SIGNAL_STATUS = 128;

  private BreakCommands() {}

  /** {@code break}. */
  static void set(IoSession session, List<String> args) throws IoFailure {
    Optional<DebugBreakpoints> filter = session.breakpoints();
    String failure = "Could not set breakpoint: ";
    if (filter.isEmpty()) {
      throw IoFailure.out(failure + NOT_SUPPORTED);
    }
    boolean known =
        filter
            .get()
            .breakAt(
                args.get(0),
                args.get(1),
                notice -> {
                  session.println("blkdebug: " + notice);
                  session.holdsLater(); // it is the held request's thread that says so
                });
    if (!known) {
      throw IoFailure.out(failure + NO_SUCH);
    }
  }

  /** {@code remove_break}. */
  static void remove(IoSession session, List<String> args) throws IoFailure {
    Optional<DebugBreakpoints> filter = session.breakpoints();
    boolean removed = filter.map(node -> node.removeBreak(args.getFirst())).orElse(false);
    if (!removed) {
      throw IoFailure.out(
          "Could not remove breakpoint %s: %s"
              .formatted(args.getFirst(), filter.isEmpty() ? NOT_SUPPORTED : NO_SUCH));
    }
    session.settleLater();
  }

  /** {@code resume}. */
  static void resume(IoSession session, List<String> args) throws IoFailure {
    Optional<DebugBreakpoints> filter = session.breakpoints();
    boolean resumed = filter.map(node -> node.resume(args.getFirst())).orElse(false);
    if (!resumed) {
      throw IoFailure.out(
          "Could not resume request: " + (filter.isEmpty() ? NOT_SUPPORTED : NO_SUCH));
    }
    session.settleLater();
  }

  /** {@code wait_break}. */
  static void await(IoSession session, List<String> args) throws IoFailure {
    Optional<DebugBreakpoints> filter = session.breakpoints();
    if (filter.isEmpty()) {
      throw IoFailure.out("Could not wait for a request: " + NOT_SUPPORTED); // QEMU waits for ever
    }
    session.terminal().flush();
    try {
      filter.get().awaitHeld(args.getFirst());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IoFailure.report("interrupted");
    }
  }

  /** {@code abort}: ends at once, as a crash does. */
  static void abort(IoSession session, List<String> args) {
    session.terminal().flush();
    Runtime.getRuntime().halt(SIGNAL_STATUS + 6);
  }

  /** {@code sigraise}: has the program ended by a signal. */
  static void raise(IoSession session, List<String> args) throws IoFailure {
    long signal = IoNumbers.size(args.getFirst());
    if (signal > SIGNAL_MAXIMUM) {
      throw IoFailure.out(
          "signal argument '%s' is too large to be a valid signal".formatted(args.getFirst()));
    }
    session.terminal().flush();
    HostSignal.raise((int) signal);
  }
}

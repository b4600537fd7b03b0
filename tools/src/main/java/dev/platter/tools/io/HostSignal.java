package dev.platter.tools.io;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/** Sends this process a signal, as {@code raise} of the C library does. */
final class HostSignal {
  /** SIGHUP, SIGINT and SIGTERM. */
  private static final Set<Integer> ORDERLY = Set.of(1, 2, 15);

  private static final long ORDERLY_MILLIS = 5_000;

  private HostSignal() {}

  /**
   * Raises a signal. Where it ends this process in an orderly way, that happens beside this thread,
   * which waits for it. Returns if it does not end the process, or if there is no such signal.
   *
   * @throws IoFailure if the host has no signals
   */
  @SuppressWarnings("restricted") // the one call into the C library
  static void raise(int signal) throws IoFailure {
    Linker linker = Linker.nativeLinker();
    MethodHandle raise =
        linker
            .defaultLookup()
            .find("raise")
            .map(
                address ->
                    linker.downcallHandle(
                        address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
            .orElseThrow(() -> IoFailure.report("this host has no signals"));
    try {
      int result = (int) raise.invokeExact(signal);
      if (result == 0 && ORDERLY.contains(signal)) {
        Thread.sleep(ORDERLY_MILLIS);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("raise does not throw", e);
    }
  }
}

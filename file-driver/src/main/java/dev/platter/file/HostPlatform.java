package dev.platter.file;

import java.util.Locale;

/** What the host offers to this process. */
final class HostPlatform {
  /** Whether the processor is a 64-bit ARM, on which one constant of Linux differs. */
  static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");

  private static final boolean LINUX =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");

  private HostPlatform() {}

  /**
   * Whether {@link LibC} can be used: on Linux, on a processor whose constants it knows, in a JVM
   * that grants native access.
   */
  static boolean hasNativeCalls() {
    return Probe.NATIVE_CALLS;
  }

  /** Delays the look at the C library until somebody asks. */
  private static final class Probe {
    static final boolean NATIVE_CALLS = LINUX && knownProcessor() && loads();

    private static boolean knownProcessor() {
      return AARCH64 || System.getProperty("os.arch").equals("amd64");
    }

    private static boolean loads() {
      try {
        return LibC.complete() && LibC.close(-1) < 0;
      } catch (ExceptionInInitializerError refused) {
        // Native access is denied on the command line.
        return false;
      }
    }
  }
}

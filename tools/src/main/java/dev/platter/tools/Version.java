package dev.platter.tools;

/** Which Platter this is, and which QEMU its commands stand in for. */
public final class Version {
  private static final String STANDS_IN_FOR = "7.2.22";

  private Version() {}

  /** Platter's own version, from the jar's manifest. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  /** What {@code --version} says for a program of QEMU's: scripts read the number. */
  public static String of(String program) {
    return program + " version " + STANDS_IN_FOR + " (Platter " + text() + ")";
  }
}

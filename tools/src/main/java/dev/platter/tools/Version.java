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

  /** The two lines that {@code --version} says for a program of QEMU's: scripts read the number. */
  public static String of(String program) {
    return program
        + " version %s (Platter %s)%n".formatted(STANDS_IN_FOR, text())
        + "Copyright (c) the Platter authors, under the Apache License 2.0";
  }
}

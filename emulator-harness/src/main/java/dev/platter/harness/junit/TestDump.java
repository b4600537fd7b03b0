package dev.platter.harness.junit;

import java.util.stream.Collectors;

/** What the disks of a failed test did: rides on the failure, as suppressed in it. */
public final class TestDump extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TestDump(RequestLog log, String graph) {
    super(describe(log, graph), null, false, false);
  }

  private static String describe(RequestLog log, String graph) {
    String requests =
        log.lines().stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
    return "%d requests before these were dropped%n%s%nopen nodes:%n%s"
        .formatted(log.dropped(), requests, graph);
  }
}

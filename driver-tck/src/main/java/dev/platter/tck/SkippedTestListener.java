package dev.platter.tck;

import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints, when a run ends, which test classes skipped something and why.
 *
 * <p>Build tools count skipped tests but tend to hide the reason, and a test that is silently
 * skipped because a program is not installed looks like one that passed. JUnit finds this listener
 * by {@code ServiceLoader} wherever the kit is on the test class path. One line is printed for each
 * class and reason, with the number of tests, in a stable order. Tests that do not concern the
 * class that inherits them are left out.
 */
public final class SkippedTestListener implements TestExecutionListener {
  /** How a reason begins if the test could pass nowhere: a resize of what has one size. */
  static final String NOT_APPLICABLE = "not applicable: ";

  private final Map<String, Integer> countByReason = new TreeMap<>();

  /** Created by JUnit. */
  public SkippedTestListener() {}

  @Override
  public synchronized void executionSkipped(TestIdentifier test, String reason) {
    count(test, reason);
  }

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      count(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  @Override
  public synchronized void testPlanExecutionFinished(TestPlan plan) {
    countByReason.forEach(
        (reason, count) -> System.out.println("SKIPPED " + reason + " (" + count + ")"));
    countByReason.clear();
  }

  private void count(TestIdentifier test, String reason) {
    String shortReason = reason.replaceFirst("^Assumption failed: ", "");
    if (shortReason.startsWith(NOT_APPLICABLE)) {
      return;
    }
    countByReason.merge(className(test) + ": " + shortReason, 1, Integer::sum);
  }

  private static String className(TestIdentifier test) {
    TestSource source = test.getSource().orElse(null);
    return switch (source) {
      case MethodSource method -> simpleName(method.getClassName());
      case ClassSource type -> simpleName(type.getClassName());
      case null, default -> test.getDisplayName();
    };
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}

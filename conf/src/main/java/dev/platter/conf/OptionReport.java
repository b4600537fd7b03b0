package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.ArrayList;
import java.util.List;

/** Writes problems for people: each with the input, a caret under the place, and advice. */
final class OptionReport {
  /** Longer inputs are shown around the place only. */
  private static final int MAXIMUM_COLUMNS = 100;

  private static final String INDENT = "  ";
  private static final String CUT = "...";

  private OptionReport() {}

  static String of(List<LocatedProblem> problems) {
    List<String> lines = new ArrayList<>();
    for (LocatedProblem problem : problems) {
      lines.add(
          (problem.origin().isEmpty() ? "" : problem.origin() + ": ")
              + problem.problem().message());
      addInput(problem, lines);
      addAdvice(problem.problem(), lines);
    }
    return String.join("\n", lines);
  }

  private static void addInput(LocatedProblem problem, List<String> lines) {
    int[] shown = problem.input().codePoints().map(OptionReport::visible).toArray();
    int start = problem.input().codePointCount(0, problem.start());
    int end = problem.input().codePointCount(0, problem.end());
    int from = 0;
    int to = shown.length;
    if (shown.length > MAXIMUM_COLUMNS) {
      from = Math.max(0, Math.min(start - MAXIMUM_COLUMNS / 3, shown.length - MAXIMUM_COLUMNS));
      to = from + MAXIMUM_COLUMNS;
    }
    String before = from > 0 ? CUT : "";
    String after = to < shown.length ? CUT : "";
    lines.add(INDENT + before + new String(shown, from, to - from) + after);
    int underlined = Math.max(0, Math.min(end, to) - start - 1);
    lines.add(INDENT + " ".repeat(before.length() + start - from) + "^" + "~".repeat(underlined));
  }

  /** Every code point takes one column, also a line feed. */
  private static int visible(int codePoint) {
    return Character.isISOControl(codePoint) ? '?' : codePoint;
  }

  private static void addAdvice(OptionProblem problem, List<String> lines) {
    List<String> advice = new ArrayList<>();
    if (!problem.found().isEmpty()) {
      advice.add("found: " + problem.found());
    }
    if (!problem.allowed().isEmpty()) {
      advice.add("allowed: " + problem.allowed());
    }
    if (!advice.isEmpty()) {
      lines.add(INDENT + String.join("; ", advice));
    }
    problem.suggestion().ifPresent(word -> lines.add(INDENT + "did you mean " + word + "?"));
  }
}

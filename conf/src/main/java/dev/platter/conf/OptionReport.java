package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes problems for people: each with the input, a caret under the place, and advice. */
final class OptionReport {
  /** Longer inputs are shown around the place only. */
  private static final int MAXIMUM_COLUMNS = 100;

  /** Longer values are cut where they stand in a sentence. */
  private static final int MAXIMUM_WORDS = 400;

  private static final String INDENT = "  ";
  private static final String CUT = "...";

  private OptionReport() {}

  static String of(List<LocatedProblem> problems) {
    List<String> lines = new ArrayList<>();
    for (LocatedProblem problem : problems) {
      String origin = problem.origin().isEmpty() ? "" : problem.origin() + ": ";
      lines.add(cut(origin + problem.problem().message()));
      addInput(problem, lines);
      addAdvice(problem, lines);
    }
    return String.join("\n", lines);
  }

  private static void addInput(LocatedProblem problem, List<String> lines) {
    int[] shown = printable(problem.input()).codePoints().toArray();
    int start = problem.input().codePointCount(0, problem.start());
    int from = 0;
    int to = shown.length;
    if (shown.length > MAXIMUM_COLUMNS) {
      from = Math.clamp(start - MAXIMUM_COLUMNS / 3, 0, shown.length - MAXIMUM_COLUMNS);
      to = from + MAXIMUM_COLUMNS;
    }
    String before = from > 0 ? CUT : "";
    String after = to < shown.length ? CUT : "";
    lines.add(INDENT + before + new String(shown, from, to - from) + after);
    lines.add(INDENT + " ".repeat(before.length()) + carets(problem, from, to));
  }

  /** A line that marks the problem's places among the code points of the input that are shown. */
  private static String carets(LocatedProblem problem, int from, int to) {
    char[] marks = new char[to - from + 1];
    Arrays.fill(marks, ' ');
    mark(problem, problem.start(), problem.end(), from, marks);
    problem.others().forEach(span -> mark(problem, span.start(), span.end(), from, marks));
    return new String(marks).stripTrailing();
  }

  private static void mark(LocatedProblem problem, int start, int end, int from, char[] marks) {
    int first = problem.input().codePointCount(0, start) - from;
    int last = problem.input().codePointCount(0, end) - from;
    for (int column = Math.max(0, first); column < Math.min(last, marks.length - 1); column++) {
      marks[column] = '~';
    }
    if (first >= 0 && first < marks.length) {
      marks[first] = '^';
    }
  }

  /** The same text with one column for every code point, also for a line feed. */
  private static String printable(String text) {
    int[] codePoints =
        text.codePoints().map(point -> Character.isISOControl(point) ? '?' : point).toArray();
    return new String(codePoints, 0, codePoints.length);
  }

  private static String cut(String text) {
    return printable(
        text.length() <= MAXIMUM_WORDS ? text : text.substring(0, MAXIMUM_WORDS) + CUT);
  }

  private static void addAdvice(LocatedProblem located, List<String> lines) {
    OptionProblem problem = located.problem();
    boolean isKey = problem.found().equals(problem.key());
    List<String> advice = new ArrayList<>();
    if (!problem.found().isEmpty() && !isKey) {
      advice.add("found: " + cut(problem.found()));
    }
    // All the keys that there are help only where none of them is near.
    if (!problem.allowed().isEmpty() && !(isKey && problem.suggestion().isPresent())) {
      advice.add("allowed: " + problem.allowed());
    }
    if (!advice.isEmpty()) {
      lines.add(INDENT + String.join("; ", advice));
    }
    problem.suggestion().ifPresent(word -> lines.add(INDENT + question(word)));
  }

  private static String question(String suggestion) {
    String question = "did you mean %s?".formatted(cut(suggestion));
    return suggestion.contains(",,") ? question + " A comma in a value is written ,," : question;
  }
}

package dev.platter.conf;

import dev.platter.api.error.OptionException;
import java.util.Comparator;
import java.util.List;

/** Options were refused, and it is known where in the input each problem stands. */
public final class DriveSyntaxException extends OptionException {
  private static final long serialVersionUID = 1L;

  private final transient List<LocatedProblem> located;

  /**
   * @param located everything that is wrong, in the order of the input; at least one
   */
  public DriveSyntaxException(List<LocatedProblem> located) {
    super(located.stream().map(LocatedProblem::problem).toList());
    this.located = List.copyOf(located);
  }

  /**
   * Finds the problems that were met after parsing, when nodes were opened, in the option string
   * that they came from.
   *
   * @param optionString what {@link DriveParser} had accepted
   * @param refusal why it could not be opened; problems whose keys do not stand in the string are
   *     about the whole of it
   */
  public static DriveSyntaxException locate(String optionString, OptionException refusal) {
    if (refusal instanceof DriveSyntaxException known) {
      return known;
    }
    OptionPlaces places = OptionPlaces.of(optionString);
    DriveSyntaxException located =
        new DriveSyntaxException(
            refusal.problems().stream()
                .map(problem -> LocatedProblem.of(problem, places.of(problem)))
                .sorted(Comparator.comparingInt(DriveSyntaxException::position))
                .toList());
    located.initCause(refusal);
    return located;
  }

  /** Where a problem comes in the report; what is about the whole string comes last. */
  private static int position(LocatedProblem problem) {
    boolean isWhole = problem.start() == 0 && problem.end() == problem.input().length();
    return isWhole ? Integer.MAX_VALUE : problem.start();
  }

  /** The problems with their places, in the order of the input. */
  public List<LocatedProblem> located() {
    return located == null ? List.of() : located;
  }

  /**
   * The problems as several lines: for each its message, the input with a caret under the place,
   * what was found and what is allowed, and what was probably meant.
   */
  public String report() {
    return OptionReport.of(located());
  }
}

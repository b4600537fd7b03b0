package dev.platter.conf;

import dev.platter.api.error.OptionException;
import java.util.ArrayList;
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
    SourceText source = SourceText.of(optionString);
    List<Entry> entries = OptionString.scan(source, 0, new ArrayList<>());
    DriveSyntaxException located =
        new DriveSyntaxException(
            refusal.problems().stream()
                .map(problem -> new LocatedProblem(problem, place(problem.key(), entries, source)))
                .toList());
    located.initCause(refusal);
    return located;
  }

  /** The last value that was given for a key, at the top or, else, below. */
  private static SourceText.Place place(String key, List<Entry> entries, SourceText whole) {
    List<Entry> last = entries.reversed();
    return last.stream()
        .filter(entry -> entry.key().equals(key))
        .findFirst()
        .or(() -> last.stream().filter(entry -> entry.key().endsWith("." + key)).findFirst())
        .map(Entry::valuePlace)
        .orElseGet(whole::whole);
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

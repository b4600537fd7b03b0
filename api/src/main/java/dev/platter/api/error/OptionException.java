package dev.platter.api.error;

import dev.platter.api.option.OptionProblem;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One or more options were refused. Nothing has been opened, created or changed.
 *
 * <p>Open to subclasses that also know where in their input each problem stands.
 */
public non-sealed class OptionException extends BlockException {
  private static final long serialVersionUID = 1L;

  private final transient List<OptionProblem> problems;

  /**
   * @param problems everything that is wrong, at least one
   */
  public OptionException(List<OptionProblem> problems) {
    super(problems.stream().map(OptionProblem::message).collect(Collectors.joining("; ")));
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("an option error without a problem");
    }
    this.problems = List.copyOf(problems);
  }

  /** The refusal of one option. */
  public OptionException(OptionProblem problem) {
    this(List.of(problem));
  }

  /** Everything that is wrong, in the order in which it stands in the input. */
  public final List<OptionProblem> problems() {
    return problems == null ? List.of() : problems;
  }
}

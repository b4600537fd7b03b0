package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.List;

/**
 * A problem, and where in the input it stands.
 *
 * @param problem what is wrong
 * @param origin what the input is called ({@code /etc/platter.properties:12}); empty for the string
 *     that the caller gave
 * @param input the text that was read
 * @param start the first char of {@code input} that the problem is about
 * @param end the char after the last one; equal to {@code start} where something is missing
 * @param others further parts of {@code input} that it is about, where several do not go together
 */
public record LocatedProblem(
    OptionProblem problem, String origin, String input, int start, int end, List<Span> others) {

  /**
   * A part of an input.
   *
   * @param start its first char
   * @param end the char after its last one
   */
  public record Span(int start, int end) {}

  public LocatedProblem {
    others = List.copyOf(others);
  }

  /**
   * @param places what the problem is about, at least one place; others of the same text as the
   *     first one are shown with it
   */
  static LocatedProblem of(OptionProblem problem, List<SourceText.Place> places) {
    SourceText.Place first = places.getFirst();
    List<Span> others =
        places.stream()
            .skip(1)
            .filter(place -> place.source().equals(first.source()))
            .map(place -> new Span(place.start(), place.end()))
            .toList();
    return new LocatedProblem(
        problem,
        first.source().origin(),
        first.source().text(),
        first.start(),
        first.end(),
        others);
  }
}

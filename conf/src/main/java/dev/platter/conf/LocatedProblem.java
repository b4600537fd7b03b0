package dev.platter.conf;

import dev.platter.api.option.OptionProblem;

/**
 * A problem, and where in the input it stands.
 *
 * @param problem what is wrong
 * @param origin what the input is called ({@code /etc/platter.properties:12}); empty for the string
 *     that the caller gave
 * @param input the text that was read
 * @param start the first char of {@code input} that the problem is about
 * @param end the char after the last one; equal to {@code start} where something is missing
 */
public record LocatedProblem(
    OptionProblem problem, String origin, String input, int start, int end) {

  LocatedProblem(OptionProblem problem, SourceText.Place place) {
    this(problem, place.source().origin(), place.source().text(), place.start(), place.end());
  }
}

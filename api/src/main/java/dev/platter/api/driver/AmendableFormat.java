package dev.platter.api.driver;

import dev.platter.api.option.OptionValues;
import java.io.IOException;

/**
 * A format driver whose images can be given other creation options after they were created: {@link
 * FormatDriverProvider#amendOptions()} says which.
 */
public interface AmendableFormat {
  /**
   * Changes the image so that it has these options. The graph has drained all requests.
   *
   * <p>What is wrong with the options together, or with the image, is found before anything is
   * changed as far as that is possible. A power cut leaves an image that has some of the changes
   * and not the others, and is whole.
   *
   * @param growth performed if the disk grows, as by {@link ResizableFormat#resize}
   * @throws dev.platter.api.error.OptionException if an option does not go with the image
   * @throws dev.platter.api.error.UnsupportedFeatureException if the image holds what an option
   *     rules out
   */
  void amend(Amendment amendment, ResizableFormat.Growth growth) throws IOException;

  /**
   * Changes an image that lies over nothing.
   *
   * @see #amend(Amendment, ResizableFormat.Growth)
   */
  default void amend(Amendment amendment) throws IOException {
    amend(amendment, () -> {});
  }

  /**
   * What an image is to have.
   *
   * @param options values of {@link FormatDriverProvider#amendOptions()}; only what is given
   *     changes
   * @param force whether to go on where that may lose access to the image for good, as by erasing
   *     its last key
   * @param progress takes how far the work is, from 0 to 1; at least when a step of it is done
   */
  record Amendment(OptionValues options, boolean force, Progress progress) {}

  /** Takes how far long work is. */
  @FunctionalInterface
  interface Progress {
    /** Says how much of the work is done, from 0 to 1; never less than before. */
    void at(double share);
  }
}

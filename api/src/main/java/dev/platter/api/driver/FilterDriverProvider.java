package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Set;

/** Opens nodes that pass requests on to one other node and do something to them on the way. */
public non-sealed interface FilterDriverProvider extends BlockDriverProvider {

  /** {@code file}, unless the filter has more. All of them have to be given. */
  @Override
  default Set<String> childRoles() {
    return Set.of("file");
  }

  /** Which of the roles is that of the node to which requests are passed on. */
  default String inputRole() {
    return "file";
  }

  /**
   * Whether it stands where a file's protocol stands, so that messages call it one; else they call
   * it a format.
   */
  default boolean standsForProtocol() {
    return false;
  }

  /** Whether a node in this role is an image, whose format is found by looking if none is named. */
  default boolean probes(String role) {
    return false;
  }

  /**
   * Lets the nodes below be opened by returning: called before, for what options and the number of
   * nodes say together.
   *
   * @param roles those that are given
   * @throws OptionException if they do not go together
   */
  default void checkChildren(Set<String> roles, OptionValues options) throws OptionException {}

  /**
   * Puts a filter on a node.
   *
   * @return the filter; the caller closes it, and afterwards the node below
   */
  BlockNode open(FilterOpening opening) throws IOException;
}

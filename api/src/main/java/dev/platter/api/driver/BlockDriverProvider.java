package dev.platter.api.driver;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A driver, as {@link java.util.ServiceLoader} finds it: its name, its options, and how to open and
 * create what it drives.
 *
 * <p>A plug-in names its implementation in {@code
 * META-INF/services/dev.platter.api.driver.BlockDriverProvider}. It has a public constructor
 * without parameters that does nothing costly, and it keeps no state: one instance serves all
 * threads.
 */
public sealed interface BlockDriverProvider
    permits FormatDriverProvider, ProtocolDriverProvider, FilterDriverProvider {

  /** The name by which option strings select the driver: {@code qcow2}. Lower case, unique. */
  String name();

  /** One sentence that says what the driver is for. */
  String description();

  /** The driver's own runtime options, beside those every node takes. */
  OptionSchema options();

  /**
   * The roles of the nodes that may stand below one of this driver: {@code file}, {@code backing}.
   * A key {@code role.key} in an option string belongs to the node in that role.
   */
  default Set<String> childRoles() {
    return Set.of();
  }

  /**
   * The role of nodes below that are counted, from 0 on: {@code children} for {@code children.0},
   * {@code children.1} and so on, each of which is a role of its own. Empty if there are none.
   */
  default Optional<String> numberedRole() {
    return Optional.empty();
  }

  /** Those of {@link #childRoles()} that are known, and refused because nothing uses them yet. */
  default Set<String> unsupportedRoles() {
    return Set.of();
  }

  /**
   * Finds what is wrong with options together, as far as no image is needed to tell: sizes that
   * exclude each other, a value that another one forbids. Called while option strings are read, and
   * again before a node is opened; what needs the image is for opening it.
   *
   * @param values values of {@link #options()} that are right by themselves, perhaps not all of
   *     them; only what is given counts
   * @return everything that is wrong, with the options' names as keys; empty if nothing is
   */
  default List<OptionProblem> validate(OptionValues values) {
    return List.of();
  }

  /** The options of {@code create}; empty if the driver creates nothing. */
  default OptionSchema createOptions() {
    return OptionSchema.empty();
  }
}

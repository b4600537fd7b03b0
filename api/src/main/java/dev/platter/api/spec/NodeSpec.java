package dev.platter.api.spec;

import dev.platter.api.option.OptionValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A node to open, with the nodes below it: what {@code -drive}, {@code -blockdev} and {@code json:}
 * all come down to. An immutable value; nothing has been opened or validated yet.
 *
 * @param driver the driver's name; empty if it is to be found by looking at the image
 * @param nodeName the {@code node-name}; empty if one is to be made
 * @param options the driver's own options and the generic ones of {@link GenericOptions}, as they
 *     were written, in the order in which they were written
 * @param children the nodes below, by role: {@code file}, {@code backing}, {@code data-file}
 */
public record NodeSpec(
    Optional<String> driver,
    Optional<String> nodeName,
    Map<String, OptionValue> options,
    Map<String, ChildSpec> children) {

  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";

  public NodeSpec {
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(nodeName, "nodeName");
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    children = Collections.unmodifiableMap(new LinkedHashMap<>(children));
  }

  /** A node of this driver without options. */
  public static NodeSpec of(String driver) {
    return new NodeSpec(Optional.of(driver), Optional.empty(), Map.of(), Map.of());
  }

  /** A node whose driver is found by looking at the image. */
  public static NodeSpec probed() {
    return new NodeSpec(Optional.empty(), Optional.empty(), Map.of(), Map.of());
  }

  /** The protocol node of a host file. */
  public static NodeSpec file(String fileName) {
    return of(FILE).with(FILE_NAME, fileName);
  }

  /** A copy with one more option, or another value for it. */
  public NodeSpec with(String key, OptionValue value) {
    Map<String, OptionValue> more = new LinkedHashMap<>(options);
    more.put(key, value);
    return new NodeSpec(driver, nodeName, more, children);
  }

  /** A copy with one more option, written as text. */
  public NodeSpec with(String key, String text) {
    return with(key, OptionValue.of(text));
  }

  /** A copy with this child. */
  public NodeSpec withChild(String role, ChildSpec child) {
    Map<String, ChildSpec> more = new LinkedHashMap<>(children);
    more.put(role, child);
    return new NodeSpec(driver, nodeName, options, more);
  }

  /** A copy with this child, given in place. */
  public NodeSpec withChild(String role, NodeSpec child) {
    return withChild(role, new ChildSpec.Inline(child));
  }

  /**
   * This node with what another one gives beside a file name. Options and children of the other go
   * before those of this one, but a {@code file} that both describe is merged in the same way.
   */
  public NodeSpec merge(NodeSpec over) {
    Map<String, OptionValue> allOptions = new LinkedHashMap<>(options);
    over.options()
        .forEach(
            (key, value) -> {
              if (!key.equals(FILE_NAME)) {
                allOptions.put(key, value);
              }
            });
    Map<String, ChildSpec> allChildren = new LinkedHashMap<>(children);
    over.children()
        .forEach(
            (role, child) ->
                allChildren.merge(role, child, (below, given) -> merge(role, below, given)));
    return new NodeSpec(
        over.driver().or(this::driver),
        over.nodeName().or(this::nodeName),
        allOptions,
        allChildren);
  }

  private static ChildSpec merge(String role, ChildSpec base, ChildSpec over) {
    return role.equals(FILE)
            && base instanceof ChildSpec.Inline(NodeSpec below)
            && over instanceof ChildSpec.Inline(NodeSpec given)
        ? new ChildSpec.Inline(below.merge(given))
        : over;
  }

  /** A copy with this node name. */
  public NodeSpec named(String nodeName) {
    return new NodeSpec(driver, Optional.of(nodeName), options, children);
  }

  /** The child in this role, if one is given. */
  public Optional<ChildSpec> child(String role) {
    return Optional.ofNullable(children.get(role));
  }

  /** The text of an option, if it is given. */
  public Optional<String> text(String key) {
    return Optional.ofNullable(options.get(key)).map(OptionValue::asText);
  }
}

package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An opening for a format driver that is tested without a graph. Immutable: each {@code with...}
 * makes a copy.
 *
 * <pre>{@code
 * FormatDriver driver =
 *     provider.open(TestOpening.of(file).withOptions(provider, "l2-cache-size=1M"));
 * }</pre>
 *
 * @param file the node that holds the image
 * @param imageName the image's name for messages
 * @param readOnly whether nothing may be written
 * @param options values of the driver's options
 * @param children nodes that {@link #openChild} finds, by role; others are not there
 * @param readFence the graph's stand-in
 * @param environment clock and events
 */
public record TestOpening(
    BlockNode file,
    String imageName,
    boolean readOnly,
    OptionValues options,
    Map<String, BlockNode> children,
    ReadFence readFence,
    DriverEnvironment environment)
    implements FormatOpening {

  public TestOpening {
    Objects.requireNonNull(file, "file");
    children = Map.copyOf(children);
  }

  /**
   * Opens {@code file} read-only if it is, else for writing, with default options, no children, a
   * fence without readers and an environment of its own.
   */
  public static TestOpening of(BlockNode file) {
    return new TestOpening(
        file,
        file.name(),
        file.readOnly(),
        OptionValues.empty(),
        Map.of(),
        ReadFence.NONE,
        new TestEnvironment());
  }

  /** A copy that opens for reading only. */
  public TestOpening withReadOnly() {
    return new TestOpening(file, imageName, true, options, children, readFence, environment);
  }

  /** A copy with these option values. */
  public TestOpening withOptions(OptionValues values) {
    return new TestOpening(file, imageName, readOnly, values, children, readFence, environment);
  }

  /**
   * A copy with options as an option string writes them.
   *
   * @param keyValues each {@code key=value}
   * @throws OptionException if the provider's declarations refuse them
   */
  public TestOpening withOptions(FormatDriverProvider provider, String... keyValues)
      throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String keyValue : keyValues) {
      int equals = keyValue.indexOf('=');
      raw.put(keyValue.substring(0, equals), OptionValue.of(keyValue.substring(equals + 1)));
    }
    return withOptions(provider.options().read("Block format '" + provider.name() + "'", raw));
  }

  /** A copy in which a child is found in this role. */
  public TestOpening withChild(String role, BlockNode node) {
    Map<String, BlockNode> more = new LinkedHashMap<>(children);
    more.put(role, node);
    return new TestOpening(file, imageName, readOnly, options, more, readFence, environment);
  }

  /** A copy with this fence. */
  public TestOpening withReadFence(ReadFence fence) {
    return new TestOpening(file, imageName, readOnly, options, children, fence, environment);
  }

  /** A copy with this environment. */
  public TestOpening withEnvironment(DriverEnvironment other) {
    return new TestOpening(file, imageName, readOnly, options, children, readFence, other);
  }

  /** {@inheritDoc} That of the file below, since there is no graph that makes one. */
  @Override
  public String nodeName() {
    return file.name();
  }

  @Override
  public Optional<BlockNode> openChild(String role, Optional<String> nameInImage) {
    return Optional.ofNullable(children.get(role));
  }
}

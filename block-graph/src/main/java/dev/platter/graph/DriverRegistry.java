package dev.platter.graph;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.Suggestions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The drivers there are: an immutable value that is built once and passed to a graph. */
public final class DriverRegistry implements DriverLookup {
  private final SortedMap<String, BlockDriverProvider> byName = new TreeMap<>();

  private DriverRegistry(Iterable<BlockDriverProvider> providers) {
    for (BlockDriverProvider provider : providers) {
      BlockDriverProvider other = byName.putIfAbsent(provider.name(), provider);
      if (other != null) {
        throw new IllegalStateException(
            "two drivers are named '%s': %s and %s"
                .formatted(
                    provider.name(), other.getClass().getName(), provider.getClass().getName()));
      }
    }
  }

  /**
   * The drivers that {@link ServiceLoader} finds by the current thread's context class loader.
   *
   * @throws IllegalStateException if two of them have one name; the message names both classes
   * @throws java.util.ServiceConfigurationError if a driver cannot be loaded
   */
  public static DriverRegistry discover() {
    return new DriverRegistry(ServiceLoader.load(BlockDriverProvider.class));
  }

  /**
   * These drivers and no others.
   *
   * @throws IllegalStateException if two of them have one name; the message names both classes
   */
  public static DriverRegistry of(BlockDriverProvider... providers) {
    return new DriverRegistry(Arrays.asList(providers));
  }

  @Override
  public Optional<BlockDriverProvider> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  @Override
  public List<BlockDriverProvider> all() {
    return List.copyOf(byName.values());
  }

  /**
   * The driver with this name.
   *
   * @throws OptionException if there is none: one problem that lists the drivers there are and
   *     perhaps suggests one
   */
  public static BlockDriverProvider require(DriverLookup drivers, String name)
      throws OptionException {
    Optional<BlockDriverProvider> found = drivers.find(name);
    if (found.isPresent()) {
      return found.get();
    }
    List<String> known = drivers.all().stream().map(BlockDriverProvider::name).toList();
    throw new OptionException(
        new OptionProblem(
            "driver",
            "Unknown driver '%s'".formatted(name),
            name,
            String.join(", ", known),
            Suggestions.nearest(name, known)));
  }
}

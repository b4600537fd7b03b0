package dev.platter.graph;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives types to a node's options, once it is known which driver they are for. */
final class NodeOptions {
  private NodeOptions() {}

  /**
   * The values of a driver's own options and of the generic ones.
   *
   * <p>What is given goes before what is inherited, and that before the site's defaults. A site's
   * default that cannot be used together with something given is left out.
   *
   * @param given the options as they were written
   * @throws OptionException with everything that is wrong; keys are those of the root
   */
  static OptionValues read(
      BlockDriverProvider driver,
      Map<String, OptionValue> given,
      Inheritance inherited,
      Map<String, OptionValue> siteDefaults)
      throws OptionException {
    OptionSchema schema = driver.options().and(GenericOptions.SCHEMA);
    Map<String, OptionValue> all = new LinkedHashMap<>(given);
    inherited.options().forEach(all::putIfAbsent);
    siteDefaults.forEach(
        (key, value) -> {
          if (!conflicts(schema, key, given)) {
            all.putIfAbsent(key, value);
          }
        });
    OptionValues values = readPrefixed(schema, owner(driver), all, inherited.keyPrefix());
    if (inherited.readOnly()) {
      values = values.with(GenericOptions.READ_ONLY, true);
    }
    requireSense(values, inherited.keyPrefix());
    return values;
  }

  /** The generic options among those given, before the driver is known. */
  static OptionValues readGeneric(
      Map<String, OptionValue> given, Inheritance inherited, Map<String, OptionValue> siteDefaults)
      throws OptionException {
    Map<String, OptionValue> generic = new LinkedHashMap<>(given);
    inherited.options().forEach(generic::putIfAbsent);
    siteDefaults.forEach(generic::putIfAbsent);
    generic.keySet().retainAll(GenericOptions.SCHEMA.names());
    return readPrefixed(GenericOptions.SCHEMA, "Block node", generic, inherited.keyPrefix());
  }

  private static OptionValues readPrefixed(
      OptionSchema schema, String owner, Map<String, OptionValue> values, String keyPrefix)
      throws OptionException {
    try {
      return schema.read(owner, values);
    } catch (OptionException e) {
      List<OptionProblem> problems =
          e.problems().stream().map(problem -> problem.under(keyPrefix + problem.key())).toList();
      throw new OptionException(problems);
    }
  }

  private static void requireSense(OptionValues values, String keyPrefix) throws OptionException {
    if (values.get(GenericOptions.FORCE_SHARE) && !values.get(GenericOptions.READ_ONLY)) {
      throw new OptionException(
          OptionProblem.of(
              keyPrefix + GenericOptions.FORCE_SHARE.name(),
              "force-share=on can only be used with read-only images"));
    }
  }

  private static boolean conflicts(
      OptionSchema schema, String key, Map<String, OptionValue> given) {
    for (String other : given.keySet()) {
      if (declares(schema, key, other) || declares(schema, other, key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean declares(OptionSchema schema, String key, String other) {
    return schema.find(key).map(Option::conflicts).filter(set -> set.contains(other)).isPresent();
  }

  /** What messages call a driver. */
  static String owner(BlockDriverProvider driver) {
    return driver instanceof ProtocolDriverProvider
        ? "Block protocol '%s'".formatted(driver.name())
        : "Block format '%s'".formatted(driver.name());
  }
}

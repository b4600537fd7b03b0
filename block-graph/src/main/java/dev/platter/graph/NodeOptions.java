package dev.platter.graph;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A node's options, typed, once it is known which driver they are for.
 *
 * <p>What is given goes before what is inherited, and that before the site's defaults. A site's
 * default is a wish for all nodes: it is left out where it does not go with what is given.
 *
 * @param values the values of the driver's own options and of the generic ones
 * @param siteKeys the options that have their value from the site's defaults
 */
record NodeOptions(OptionValues values, Set<String> siteKeys) {

  /**
   * Reads the options of a node.
   *
   * @param given the options as they were written
   * @throws OptionException with everything that is wrong; keys are those of the root
   */
  static NodeOptions read(
      BlockDriverProvider driver,
      Map<String, OptionValue> given,
      Inheritance inherited,
      Map<String, OptionValue> siteDefaults)
      throws OptionException {
    Map<String, OptionValue> all = new LinkedHashMap<>(given);
    inherited.options().forEach(all::putIfAbsent);
    OptionValues values = read(driver, all, inherited);
    Map<String, OptionValue> fitting = new LinkedHashMap<>();
    for (Map.Entry<String, OptionValue> wish : siteDefaults.entrySet()) {
      if (all.containsKey(wish.getKey())) {
        continue;
      }
      Map<String, OptionValue> more = new LinkedHashMap<>(all);
      more.putAll(fitting);
      more.put(wish.getKey(), wish.getValue());
      if (isRight(driver, more)) {
        fitting.put(wish.getKey(), wish.getValue());
      } else {
        read(driver, Map.of(wish.getKey(), wish.getValue()), inherited); // wrong by itself
      }
    }
    if (!fitting.isEmpty()) {
      all.putAll(fitting);
      values = read(driver, all, inherited);
    }
    return new NodeOptions(values, Set.copyOf(fitting.keySet()));
  }

  /** The same without some of the site's defaults. */
  NodeOptions without(Set<String> keys) {
    Set<String> rest = new HashSet<>(siteKeys);
    rest.removeAll(keys);
    return new NodeOptions(values.without(keys), rest);
  }

  /** The generic options among those given, before the driver is known. */
  static OptionValues readGeneric(
      Map<String, OptionValue> given, Inheritance inherited, Map<String, OptionValue> siteDefaults)
      throws OptionException {
    Map<String, OptionValue> generic = new LinkedHashMap<>(given);
    inherited.options().forEach(generic::putIfAbsent);
    siteDefaults.forEach(generic::putIfAbsent);
    generic.keySet().retainAll(GenericOptions.SCHEMA.names());
    return read(
        GenericOptions.SCHEMA, "Block node", generic, values -> List.of(), inherited.keyPrefix());
  }

  private static OptionValues read(
      BlockDriverProvider driver, Map<String, OptionValue> raw, Inheritance inherited)
      throws OptionException {
    String keyPrefix = inherited.keyPrefix();
    OptionValues values = read(schema(driver), owner(driver), raw, driver::validate, keyPrefix);
    if (inherited.readOnly()) {
      values = values.with(GenericOptions.READ_ONLY, true);
    }
    requireSense(values, keyPrefix);
    return values;
  }

  private static OptionValues read(
      OptionSchema schema,
      String owner,
      Map<String, OptionValue> raw,
      Function<OptionValues, List<OptionProblem>> rules,
      String keyPrefix)
      throws OptionException {
    try {
      return schema.read(owner, raw, rules);
    } catch (OptionException e) {
      throw below(keyPrefix, e);
    }
  }

  private static boolean isRight(BlockDriverProvider driver, Map<String, OptionValue> raw) {
    try {
      schema(driver).read(owner(driver), raw, driver::validate);
      return true;
    } catch (OptionException e) {
      return false;
    }
  }

  /** The same refusal with keys of the root. */
  static OptionException below(String keyPrefix, OptionException refusal) {
    OptionException located =
        new OptionException(
            refusal.problems().stream().map(problem -> problem.below(keyPrefix)).toList());
    located.initCause(refusal);
    return located;
  }

  private static void requireSense(OptionValues values, String keyPrefix) throws OptionException {
    if (values.get(GenericOptions.FORCE_SHARE) && !values.get(GenericOptions.READ_ONLY)) {
      throw new OptionException(
          OptionProblem.of(
              keyPrefix + GenericOptions.FORCE_SHARE.name(),
              "force-share=on can only be used with read-only images"));
    }
  }

  private static OptionSchema schema(BlockDriverProvider driver) {
    return driver.options().and(GenericOptions.SCHEMA);
  }

  /** What messages call a driver. */
  static String owner(BlockDriverProvider driver) {
    boolean protocol =
        driver instanceof ProtocolDriverProvider
            || (driver instanceof FilterDriverProvider filter && filter.standsForProtocol());
    return protocol
        ? "Block protocol '%s'".formatted(driver.name())
        : "Block format '%s'".formatted(driver.name());
  }
}

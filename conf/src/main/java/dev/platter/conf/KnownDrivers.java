package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.option.Option;
import dev.platter.api.spec.GenericOptions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The drivers that a node may have: the one that is named, or every format if it is to be found by
 * looking at the image.
 */
record KnownDrivers(List<BlockDriverProvider> drivers) {

  static KnownDrivers named(BlockDriverProvider driver) {
    return new KnownDrivers(List.of(driver));
  }

  static KnownDrivers formats(DriverLookup lookup) {
    return new KnownDrivers(
        lookup.all().stream().filter(FormatDriverProvider.class::isInstance).toList());
  }

  static KnownDrivers protocols(DriverLookup lookup) {
    return new KnownDrivers(
        lookup.all().stream().filter(ProtocolDriverProvider.class::isInstance).toList());
  }

  static KnownDrivers all(DriverLookup lookup) {
    return new KnownDrivers(lookup.all());
  }

  /** Every declaration of an option: the generic one, or one of each driver that has it. */
  List<Option<?>> find(String key) {
    List<Option<?>> own =
        drivers.stream().flatMap(driver -> driver.options().find(key).stream()).toList();
    return own.isEmpty() ? GenericOptions.SCHEMA.find(key).stream().toList() : List.copyOf(own);
  }

  /** The names of all options. */
  Set<String> optionNames() {
    Set<String> names = ownOptionNames();
    names.addAll(GenericOptions.SCHEMA.names());
    return names;
  }

  /** The names of the options that not every node has. */
  Set<String> ownOptionNames() {
    Set<String> names = new LinkedHashSet<>();
    drivers.forEach(driver -> names.addAll(driver.options().names()));
    return names;
  }

  /** The roles that nodes below may have. */
  Set<String> roles() {
    Set<String> roles = new LinkedHashSet<>();
    drivers.forEach(driver -> roles.addAll(driver.childRoles()));
    return roles;
  }

  /** The roles of nodes that are counted. */
  Set<String> numberedRoles() {
    Set<String> roles = new LinkedHashSet<>();
    drivers.forEach(driver -> driver.numberedRole().ifPresent(roles::add));
    return roles;
  }

  /** Those that have all of these options. */
  List<BlockDriverProvider> declaring(Set<String> keys) {
    return drivers.stream().filter(driver -> driver.options().names().containsAll(keys)).toList();
  }

  /** Whether nodes in this role have no use yet. */
  boolean refusesRole(String role) {
    List<BlockDriverProvider> having =
        drivers.stream().filter(driver -> driver.childRoles().contains(role)).toList();
    return !having.isEmpty()
        && having.stream().allMatch(driver -> driver.unsupportedRoles().contains(role));
  }

  /** QEMU's words for a key that nobody declares. */
  String refusal(String key) {
    if (drivers.size() != 1) {
      return "No block format supports the option '%s'".formatted(key);
    }
    BlockDriverProvider driver = drivers.getFirst();
    if (key.equals("backing") || key.startsWith("backing.")) {
      return "Driver doesn't support backing files";
    }
    boolean protocol =
        driver instanceof ProtocolDriverProvider
            || (driver instanceof FilterDriverProvider filter && filter.standsForProtocol());
    String words =
        protocol
            ? "Block protocol '%s' doesn't support the option '%s'"
            : "Block format '%s' does not support the option '%s'";
    return words.formatted(driver.name(), key);
  }
}

package dev.platter.api.driver;

import dev.platter.api.option.OptionValues;

/**
 * What a protocol driver is given to open a node.
 *
 * @param nodeName the node's name
 * @param options values of the driver's own options
 * @param generic values of {@link dev.platter.api.spec.GenericOptions#SCHEMA}: read-only, cache
 *     mode, discard
 * @param environment clock, events and policy
 */
public record ProtocolOpening(
    String nodeName, OptionValues options, OptionValues generic, DriverEnvironment environment) {}

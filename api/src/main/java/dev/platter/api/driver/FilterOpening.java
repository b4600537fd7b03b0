package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValues;
import java.util.List;
import java.util.Map;

/**
 * What a filter driver is given to open a node.
 *
 * @param nodeName the filter's node name
 * @param child the node below, already open; borrowed
 * @param children the nodes in the filter's other roles, by role, already open; borrowed
 * @param chain the names of the images below, from the one that the filter stands on to its base
 * @param options values of the driver's own options
 * @param generic values of {@link dev.platter.api.spec.GenericOptions#SCHEMA}
 * @param environment clock, events and policy
 */
public record FilterOpening(
    String nodeName,
    BlockNode child,
    Map<String, BlockNode> children,
    List<String> chain,
    OptionValues options,
    OptionValues generic,
    DriverEnvironment environment) {}

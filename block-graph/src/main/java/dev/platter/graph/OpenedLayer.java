package dev.platter.graph;

import dev.platter.api.driver.FileRole;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.NodeSpec;
import java.util.Map;

/**
 * An image of a chain that has been opened and is not a node yet.
 *
 * @param spec what was asked for
 * @param values its options
 * @param inherited what it took from the node above
 * @param layer the image
 * @param file the node that holds its bytes
 * @param children the nodes below it by role, without its backing file
 * @param fileRole what its file is to it
 */
record OpenedLayer(
    NodeSpec spec,
    OptionValues values,
    Inheritance inherited,
    Layer layer,
    NodeEntry file,
    Map<String, NodeEntry> children,
    FileRole fileRole) {}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ForwardingNode;

/** A filter that does nothing. */
final class Pass extends ForwardingNode {
  Pass(String name, BlockNode below) {
    super(name, below);
  }
}

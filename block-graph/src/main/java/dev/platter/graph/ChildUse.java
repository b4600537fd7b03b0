package dev.platter.graph;

import dev.platter.api.BlockNode;

/**
 * A node's reference to one below it.
 *
 * @param above the node above
 * @param child its role for the node below, as option strings name it
 */
record ChildUse(NodeEntry above, String child) implements NodeUse {
  static final String BACKING = "backing";
  static final String FILE = "file";

  @Override
  public String role() {
    return child.equals(BACKING) ? "backing hd" : child;
  }

  @Override
  public String userName() {
    return above.name();
  }

  @Override
  public boolean canRedirect() {
    return child.equals(BACKING) || above.filterInput().isPresent();
  }

  /** Readers need not be held: until they end, the old node stays open and unchanged. */
  @Override
  public void hold() {
    above.filterInput().ifPresent(BlockBackend::hold);
  }

  @Override
  public void resume() {
    above.filterInput().ifPresent(BlockBackend::resume);
  }

  @Override
  public void redirect(BlockNode node) {
    if (above.node() instanceof FormatNode format) {
      format.setBacking(node);
    } else {
      above.filterInput().orElseThrow().setRoot(node);
    }
  }
}

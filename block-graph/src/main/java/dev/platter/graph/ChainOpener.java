package dev.platter.graph;

import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens an image and the chain below it.
 *
 * <ul>
 *   <li>I1: headers are read from the top down, in a loop; nodes are made from the bottom up. A
 *       chain costs no stack.
 *   <li>I2: a file that an image names is opened only after the gate has let it pass, and after it
 *       is clear that the chain may be that deep. A file comes into a chain once.
 *   <li>I3: everything below the top is opened read-only.
 * </ul>
 */
final class ChainOpener {
  private static final String WHERE = "Could not open backing file";

  private final BlockGraph graph;
  private final OpenSession session;
  private final TreeOpener tree;
  private final BackingSpecs backing;

  ChainOpener(BlockGraph graph, OpenSession session, TreeOpener tree) {
    this.graph = graph;
    this.session = session;
    this.tree = tree;
    this.backing = new BackingSpecs(session, tree);
  }

  /** Opens an image, with or without a driver given, and its chain. */
  NodeEntry open(NodeSpec spec, Inheritance inherited) throws IOException {
    LayerOpener opener = new LayerOpener(session, tree);
    List<OpenedLayer> layers = new ArrayList<>();
    layers.add(opener.open(spec, inherited));
    Optional<NodeEntry> bottom;
    try {
      bottom = openBelow(opener, layers);
    } catch (IOException e) {
      throw Failures.prefixed(WHERE, e);
    }
    return build(layers, bottom);
  }

  /** Opens the layers below the first; returns what ends the chain if it is none of them. */
  private Optional<NodeEntry> openBelow(LayerOpener opener, List<OpenedLayer> layers)
      throws IOException {
    for (; ; ) {
      OpenedLayer last = layers.getLast();
      Optional<ChildSpec> child = last.spec().child(ChildUse.BACKING);
      if (child.isPresent() && child.get() instanceof ChildSpec.Reference reference) {
        NodeEntry borrowed = session.referenced(reference.nodeName());
        requireDepth(layers, layers.size() + layerCount(borrowed));
        return Optional.of(borrow(borrowed));
      }
      Optional<NodeSpec> below = backing.specOf(last);
      if (below.isEmpty()) {
        return Optional.empty();
      }
      requireDepth(layers, layers.size() + 1); // I2
      Inheritance inherited = last.inherited().below(ChildUse.BACKING, last.values()); // I3
      if (!tree.isImage(below.get())) {
        return Optional.of(tree.open(below.get(), inherited));
      }
      layers.add(opener.open(below.get(), inherited));
    }
  }

  private void requireDepth(List<OpenedLayer> layers, int layerCount) throws IOException {
    int allowed = session.settings().chainLimit().layerCount();
    if (layerCount > allowed) {
      throw new ImageRefusedException(
          "backing chain of '%s' has more than %d layers; a higher limit of the chain's depth allows it"
              .formatted(layers.getFirst().layer().imageName(), allowed));
    }
  }

  /** An open node as backing file: nobody may write it any more. */
  private NodeEntry borrow(NodeEntry entry) throws NodeBusyException {
    for (NodeUse use : entry.uses()) {
      boolean backingOfAnother =
          use instanceof ChildUse link && link.child().equals(ChildUse.BACKING);
      if (!backingOfAnother && !entry.node().readOnly()) {
        throw NodeTable.busy(entry, use);
      }
    }
    if (entry.node() instanceof FormatNode format && !format.readOnly()) {
      session.onCommit(() -> settle(format));
    }
    return entry;
  }

  private static void settle(FormatNode node) throws IOException {
    node.hold();
    try {
      node.settle("it is a backing file");
    } finally {
      node.resume();
    }
  }

  private static int layerCount(NodeEntry top) {
    int count = 0;
    for (NodeEntry at = top; at != null; at = at.children().get(ChildUse.BACKING)) {
      count++;
    }
    return count;
  }

  private NodeEntry build(List<OpenedLayer> layers, Optional<NodeEntry> bottom) {
    Optional<NodeEntry> below = bottom;
    for (OpenedLayer opened : layers.reversed()) {
      FormatNode node = new FormatNode(graph, opened.layer(), below.map(NodeEntry::node));
      NodeEntry entry =
          new NodeEntry(node)
              .sharing(opened.fileRole(), opened.values().get(GenericOptions.FORCE_SHARE));
      entry.children().putAll(opened.children());
      below.ifPresent(child -> entry.children().put(ChildUse.BACKING, child));
      below = Optional.of(session.opened(entry));
    }
    return below.orElseThrow();
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts an open overlay on a running node. The caller holds the graph's lock.
 *
 * <ul>
 *   <li>I1: nothing has changed until the old top has been settled: its file is then as if it had
 *       been closed. A failure before that leaves all as it was.
 *   <li>I2: while users are exchanged, no request is in progress, neither of a backend nor sent to
 *       the node itself. So every request uses either the old top or the overlay, and a write that
 *       was acknowledged before is in the old top.
 *   <li>I3: from the end of the hold on the old top is read-only; nothing unfreezes it.
 *   <li>I4: what was held is let in again whatever happens. Waiting ignores interrupts.
 * </ul>
 */
final class Snapshot {
  private final NodeEntry running;
  private final FormatNode old;
  private final NodeEntry overlay;
  private final FormatNode top;

  Snapshot(NodeEntry running, FormatNode old, NodeEntry overlay, FormatNode top) {
    this.running = running;
    this.old = old;
    this.overlay = overlay;
    this.top = top;
  }

  /** Refuses overlays that are to have another backing file than the node they are put on. */
  static void requireNoBacking(NodeSpec overlay, FormatNode old) throws OptionException {
    ChildSpec backing = overlay.child(ChildUse.BACKING).orElseGet(ChildSpec.None::new);
    boolean allowed =
        switch (backing) {
          case ChildSpec.None none -> true;
          case ChildSpec.Reference reference -> reference.nodeName().equals(old.name());
          case ChildSpec.Inline inline -> false;
        };
    if (!allowed) {
      throw new OptionException(
          OptionProblem.of(ChildUse.BACKING, "The overlay already has a backing image"));
    }
  }

  /** Refuses nodes that cannot become what they shall. */
  void check() throws IOException {
    for (NodeUse use : running.uses()) {
      if (!use.canRedirect()) {
        throw NodeTable.busy(running, use);
      }
    }
    if (!top.layer().takesBacking()) {
      throw new UnsupportedFeatureException("The overlay does not support backing images");
    }
    if (top.size() != old.size()) {
      throw new ImageFormatException(
          top.imageName(),
          "an overlay of %d bytes for a disk of %d bytes".formatted(top.size(), old.size()));
    }
  }

  /** Does it. */
  void perform() throws IOException {
    List<NodeUse> users = List.copyOf(running.uses());
    List<NodeUse> held = new ArrayList<>();
    try {
      for (NodeUse user : users) {
        user.hold();
        held.add(user);
      }
      old.hold(); // I2
      try {
        old.settle("it is a backing file"); // I1, I3
        exchange(users);
        old.forgetIndex();
      } finally {
        old.resume();
      }
    } finally {
      held.reversed().forEach(NodeUse::resume); // I4
    }
  }

  private void exchange(List<NodeUse> users) {
    top.setBacking(old);
    overlay.children().put(ChildUse.BACKING, running);
    running.uses().clear();
    running.uses().add(new ChildUse(overlay, ChildUse.BACKING));
    overlay.setClosedWithLastUse(running.closedWithLastUse());
    running.setClosedWithLastUse(true);
    for (NodeUse user : users) {
      user.redirect(overlay.node());
      overlay.uses().add(user);
      if (user instanceof ChildUse link) {
        link.above().children().put(link.child(), overlay);
      }
    }
  }

  /** The image that a node of a running disk is: the first one through fronts and filters. */
  static FormatNode image(BlockNode node) throws IOException {
    if (node instanceof FormatNode format) {
      return format;
    }
    throw new UnsupportedFeatureException(
        "%s: only a node of a format driver can get an overlay".formatted(node.name()));
  }
}

package dev.platter.api;

/**
 * A node that has the disk of the node below it, and does something about requests on their way.
 *
 * <p>What a disk image offers beside the bytes of its disk, such as snapshots inside it, is asked
 * of the node below.
 */
public interface FilterNode extends BlockNode {
  /** The node that requests are passed on to. Its owner closes it. */
  BlockNode below();
}

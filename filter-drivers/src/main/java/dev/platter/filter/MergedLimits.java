package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import java.util.List;

/** Limits of requests that go to several nodes. */
final class MergedLimits {
  private MergedLimits() {}

  /** What is fast for all of them. */
  static BlockLimits of(List<BlockNode> nodes) {
    BlockLimits merged = nodes.getFirst().limits();
    for (BlockNode node : nodes) {
      BlockLimits each = node.limits();
      merged =
          new BlockLimits(
              Math.max(merged.requestAlignmentBytes(), each.requestAlignmentBytes()),
              Math.max(merged.memoryAlignmentBytes(), each.memoryAlignmentBytes()),
              Math.max(merged.optimalTransferBytes(), each.optimalTransferBytes()),
              Math.max(merged.zeroAlignmentBytes(), each.zeroAlignmentBytes()),
              Math.max(merged.discardAlignmentBytes(), each.discardAlignmentBytes()),
              Math.min(merged.maxTransferBytes(), each.maxTransferBytes()));
    }
    return merged;
  }
}

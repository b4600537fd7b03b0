package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.spec.NodeSpec;
import java.util.Optional;

/**
 * An opened image, before it becomes a node of a chain.
 *
 * @param spec what was asked for, with the driver that opened it
 * @param name the node name
 * @param driverName the name of the driver that opened it
 * @param takesBacking whether images of its format can have a backing file
 * @param imageName the image's name, for messages
 * @param driver the open image
 * @param file the node that holds its bytes
 * @param readOnly whether the driver was told to write nothing
 * @param policy what generic options ask for
 * @param fence the fence that the driver asks; a read-only image needs none
 * @param headGuard watches the head of a disk that was taken for raw by looking at it
 */
record Layer(
    NodeSpec spec,
    String name,
    String driverName,
    boolean takesBacking,
    String imageName,
    FormatDriver driver,
    BlockNode file,
    boolean readOnly,
    NodePolicy policy,
    Optional<EpochFence> fence,
    Optional<HeadGuard> headGuard) {

  /** Another part of the same image, as an image of its own. */
  Layer with(FormatDriver part) {
    return new Layer(
        spec, name, driverName, false, imageName, part, file, readOnly, policy, fence, headGuard);
  }

  /** The limits of a format, with those of the node that holds its data. */
  static BlockLimits combine(BlockLimits format, BlockLimits data) {
    return new BlockLimits(
        Math.max(format.requestAlignmentBytes(), data.requestAlignmentBytes()),
        Math.max(format.memoryAlignmentBytes(), data.memoryAlignmentBytes()),
        Math.max(format.optimalTransferBytes(), data.optimalTransferBytes()),
        format.zeroAlignmentBytes(),
        format.discardAlignmentBytes(),
        Math.min(format.maxTransferBytes(), data.maxTransferBytes()));
  }

  /** The name of the file that a node's bytes lie in; the node's own name if it has none. */
  static String fileName(BlockNode node) {
    return node instanceof HostBacked host ? host.path().toString() : node.name();
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.SnapshottableFormat;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The snapshots inside an image that is open, also while a guest uses it.
 *
 * <p>What changes them waits for the requests in progress, holds new ones until it is done, and
 * makes durable what was written before: a snapshot holds every write that was acknowledged before
 * the call, and none that was issued after it returned.
 *
 * <p>Threads: any; changes are made one at a time.
 */
public final class InternalSnapshots {
  private final FormatNode node;
  private final SnapshottableFormat format;

  private InternalSnapshots(FormatNode node, SnapshottableFormat format) {
    this.node = node;
    this.format = format;
  }

  /**
   * Those of an image.
   *
   * @param node a node of a format driver, or a filter or the front of one
   * @throws UnsupportedFeatureException if images of its format hold no snapshots
   */
  public static InternalSnapshots of(BlockNode node) throws UnsupportedFeatureException {
    BlockNode image = ImageBelow.of(node);
    if (image instanceof FormatNode format
        && format.driver() instanceof SnapshottableFormat snapshottable) {
      return new InternalSnapshots(format, snapshottable);
    }
    throw new UnsupportedFeatureException(
        "%s: the format does not support internal snapshots".formatted(image.name()));
  }

  /** The snapshots that the image holds, in the image's order. */
  public List<SnapshotInfo> list() throws IOException {
    return format.snapshots();
  }

  /** See {@link SnapshottableFormat#createSnapshot}. */
  public SnapshotInfo create(SnapshotRequest request) throws IOException {
    List<SnapshotInfo> created = new ArrayList<>();
    node.changeHeld("create snapshot", () -> created.add(format.createSnapshot(request)));
    return created.getFirst();
  }

  /** See {@link SnapshottableFormat#applySnapshot}. */
  public void apply(String id) throws IOException {
    node.changeHeld("apply snapshot", () -> format.applySnapshot(id));
  }

  /** See {@link SnapshottableFormat#deleteSnapshot}. */
  public void delete(String id) throws IOException {
    node.changeHeld("delete snapshot", () -> format.deleteSnapshot(id));
  }
}

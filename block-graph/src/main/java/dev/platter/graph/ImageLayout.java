package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.AmendableFormat.Progress;
import dev.platter.api.driver.CompactableFormat;
import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an open image keeps what it holds within its file.
 *
 * <p>What changes that waits for the requests in progress, and holds new ones until it is done.
 *
 * <p>Threads: any; changes are made one at a time.
 */
public final class ImageLayout {
  private final FormatNode node;
  private final CompactableFormat format;

  private ImageLayout(FormatNode node, CompactableFormat format) {
    this.node = node;
    this.format = format;
  }

  /**
   * That of an image.
   *
   * @param node a node of a format driver, or the front of one
   * @throws UnsupportedFeatureException if images of its format cannot be laid out anew
   */
  public static ImageLayout of(BlockNode node) throws UnsupportedFeatureException {
    BlockNode image = node instanceof BlockBackend backend ? backend.root() : node;
    if (image instanceof FormatNode format
        && format.driver() instanceof CompactableFormat compactable) {
      return new ImageLayout(format, compactable);
    }
    throw new UnsupportedFeatureException(
        "%s: images of this format cannot be compacted".formatted(image.name()));
  }

  /** See {@link CompactableFormat#compact}. */
  public Relayout compact(Progress progress) throws IOException {
    List<Relayout> done = new ArrayList<>();
    node.changeHeld("compact", () -> done.add(format.compact(progress)));
    return done.getFirst();
  }

  /** See {@link CompactableFormat#defragment}. */
  public Relayout defragment(long spareBytes, Progress progress) throws IOException {
    List<Relayout> done = new ArrayList<>();
    node.changeHeld("defragment", () -> done.add(format.defragment(spareBytes, progress)));
    return done.getFirst();
  }
}

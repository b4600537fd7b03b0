package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.tools.image.OpenImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What one layer of a chain has of the disk.
 *
 * @param image the layer
 * @param allocatedBytes bytes of storage that its file occupies on the host, where that can be said
 * @param dataBytes bytes that it stores as they are
 * @param compressedBytes bytes that it stores compressed
 * @param reservedBytes bytes that it has space for, of which the host stores nothing yet
 * @param zeroBytes bytes that it says are zeros
 * @param seenBytes how much of all that shows at the top
 * @param fragmentCount pieces of stored bytes that do not follow their predecessor in the file
 */
record LayerShare(
    OpenImage image,
    OptionalLong allocatedBytes,
    long dataBytes,
    long compressedBytes,
    long reservedBytes,
    long zeroBytes,
    long seenBytes,
    long fragmentCount) {

  /** All that it has. */
  long heldBytes() {
    return dataBytes + compressedBytes + reservedBytes + zeroBytes;
  }

  /** What it has and a layer above hides. */
  long hiddenBytes() {
    return Math.max(0, heldBytes() - seenBytes);
  }

  /**
   * Goes through the metadata of a chain.
   *
   * @param layers the chain, from the top down
   */
  static List<LayerShare> of(List<OpenImage> layers) throws IOException {
    long[] seen = new long[layers.size()];
    BlockNode top = layers.getFirst().node();
    for (long at = 0; at < top.size(); ) {
      Extent extent = top.extent(at, top.size() - at);
      if (extent.present() && extent.depth() < seen.length) {
        seen[extent.depth()] += extent.length();
      }
      at += extent.length();
    }
    List<LayerShare> shares = new ArrayList<>();
    for (int depth = 0; depth < seen.length; depth++) {
      shares.add(held(layers.get(depth), seen[depth]));
    }
    return shares;
  }

  private static LayerShare held(OpenImage layer, long seenBytes) throws IOException {
    BlockNode node = layer.node();
    long data = 0;
    long compressed = 0;
    long reserved = 0;
    long zeros = 0;
    long fragments = 0;
    long hostEnd = -1;
    for (long at = 0; at < node.size(); ) {
      Extent extent = node.extent(at, node.size() - at);
      at += extent.length();
      if (!extent.present() || extent.depth() > 0) {
        continue;
      }
      if (extent.zero() && extent.data()) {
        reserved += extent.length(); // a hole of the host's
      } else if (extent.zero()) {
        zeros += extent.length();
      } else if (extent.compressed()) {
        compressed += extent.length();
      } else {
        data += extent.length();
      }
      if (extent.hostOffset().isPresent()) {
        fragments += extent.hostOffset().getAsLong() == hostEnd ? 0 : 1;
        hostEnd = extent.hostOffset().getAsLong() + extent.length();
      }
    }
    return new LayerShare(
        layer, layer.allocatedBytes(), data, compressed, reserved, zeros, seenBytes, fragments);
  }
}

package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.HostBacked;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.RebasableFormat;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Prepares an overlay for another backing file: copies into it what it shows of the old one and
 * would not show of the new one. Afterwards its bytes are the same on either.
 *
 * <p>The overlay reads as before at any time, also after a power cut. Where the new backing file is
 * a layer of the old chain, only what lies between is compared.
 */
public final class ChainRebase {
  private static final int BUFFER_BYTES = 2 << 20;
  private static final int SECTOR_BYTES = 512;

  private final FormatNode overlay;
  private final Optional<BlockNode> backing;
  private final int sharedDepth;
  private final MemorySegment before = MemorySegment.ofArray(new byte[BUFFER_BYTES]);
  private final MemorySegment after = MemorySegment.ofArray(new byte[BUFFER_BYTES]);

  /**
   * @param graph the graph in which the nodes are open
   * @param overlay an image that is open for writing, with its old chain
   * @param backing what is to lie below it; empty for nothing
   */
  public ChainRebase(BlockGraph graph, FormatNode overlay, Optional<BlockNode> backing) {
    this.overlay = overlay;
    this.backing = backing;
    this.sharedDepth = sharedDepth(graph.chainOf(overlay), backing);
  }

  /** From which depth of the old chain on it is the new one; behind its end if nowhere. */
  private static int sharedDepth(List<BlockNode> chain, Optional<BlockNode> backing) {
    Optional<Object> key = backing.flatMap(ChainRebase::fileKey);
    for (int depth = 1; depth < chain.size(); depth++) {
      if (key.isPresent() && key.equals(fileKey(chain.get(depth)))) {
        return depth;
      }
    }
    return chain.size();
  }

  private static Optional<Object> fileKey(BlockNode image) {
    BlockNode file = image instanceof FormatNode format ? format.file() : image;
    return file instanceof HostBacked host ? Optional.of(host.fileKey()) : Optional.empty();
  }

  /**
   * Makes an image's header name another backing file, durably. An open node goes on reading from
   * the node it has below: the header counts when the image is opened next. Waits for requests in
   * progress and holds new ones meanwhile.
   *
   * @param overlay an image that is open for writing, and no other image's backing file
   * @param reference what the header shall say; empty for no backing file
   * @throws UnsupportedFeatureException if images of its format have no backing file
   * @throws dev.platter.api.error.NodeBusyException if the node is another node's backing file
   */
  public static void setReference(FormatNode overlay, Optional<BackingReference> reference)
      throws IOException {
    if (!(overlay.driver() instanceof RebasableFormat rebasable)) {
      throw new UnsupportedFeatureException(
          "%s: Image format driver '%s' does not support another backing file"
              .formatted(overlay.name(), overlay.driverName()));
    }
    overlay.changeHeld("change the backing file", () -> rebasable.setBacking(reference));
  }

  /** Copies the differences, and makes them durable. The header is left as it is. */
  public void copyDifferences(JobProgress progress) throws IOException {
    long end = overlay.size();
    long at = 0;
    while (at < end) {
      Extent extent = overlay.extent(at, end - at);
      long length = extent.length();
      if (isAffected(extent)) {
        length = Math.min(length, BUFFER_BYTES);
        copyDifferences(at, length, extent.zero());
      }
      at += length;
      if (at < end) {
        progress.at(at, end);
      }
    }
    overlay.flush();
    progress.at(end, end);
  }

  /** Whether other bytes may show here; not where the overlay holds them, or both chains do. */
  private boolean isAffected(Extent extent) {
    boolean held = extent.present() && extent.depth() == 0;
    return !held && extent.depth() < sharedDepth;
  }

  private void copyDifferences(long offset, long length, boolean zeros) throws IOException {
    MemorySegment old = before.asSlice(0, length);
    MemorySegment next = after.asSlice(0, length);
    if (zeros) {
      old.fill((byte) 0);
    } else {
      overlay.read(offset, old);
    }
    readBacking(offset, next);
    for (long at = 0; at < length; ) {
      boolean differs = differs(old, next, at);
      long end = Math.min(length, at + SECTOR_BYTES);
      while (end < length && differs(old, next, end) == differs) {
        end = Math.min(length, end + SECTOR_BYTES);
      }
      if (differs && zeros) {
        overlay.writeZeroes(offset + at, end - at, ZeroMode.MAY_UNMAP);
      } else if (differs) {
        overlay.write(offset + at, old.asSlice(at, end - at));
      }
      at = end;
    }
  }

  private static boolean differs(MemorySegment one, MemorySegment other, long at) {
    long end = Math.min(one.byteSize(), at + SECTOR_BYTES);
    return MemorySegment.mismatch(one, at, end, other, at, end) >= 0;
  }

  /** Reads what is to lie below; behind its end there are zeros. */
  private void readBacking(long offset, MemorySegment dst) throws IOException {
    long size = backing.map(BlockNode::size).orElse(0L);
    long within = Math.clamp(size - offset, 0, dst.byteSize());
    if (within > 0) {
      backing.orElseThrow().read(offset, dst.asSlice(0, within));
    }
    dst.asSlice(within).fill((byte) 0);
  }
}

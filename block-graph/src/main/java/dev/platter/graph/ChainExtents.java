package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Describes guest bytes of a chain without moving them. Walks layers as {@link ChainReader} does.
 */
final class ChainExtents {
  private ChainExtents() {}

  /** The extent at {@code offset} of a chain, of at most {@code length} bytes, at least 1. */
  static Extent find(FormatNode top, long offset, long length) throws IOException {
    FormatNode layer = top;
    long left = length;
    for (int depth = 0; ; depth++) {
      left = Math.min(left, layer.size() - offset);
      Extent here = inLayer(layer, offset, left);
      left = here.length();
      Optional<BlockNode> below = layer.backing();
      if (here.present() || below.isEmpty() || offset >= below.get().size()) {
        return here.atDepth(depth);
      }
      if (!(below.get() instanceof FormatNode next)) {
        long end = Math.min(left, below.get().size() - offset);
        Extent found = below.get().extent(offset, end); // a filter has a chain of its own below
        return found.atDepth(depth + 1 + found.depth());
      }
      layer = next;
    }
  }

  private static Extent inLayer(FormatNode layer, long offset, long length) throws IOException {
    MappedImage image = layer.image();
    int token = image.enterFence();
    try {
      Mapping mapping = image.map(offset, length);
      long run = Math.min(length, mapping.length());
      return switch (mapping) {
        case Mapping.Data _ when image.encrypted().isPresent() -> unreadable(offset, run);
        case Mapping.Data data -> stored(image, data.hostOffset(), offset, run);
        case Mapping.Zero zero when zero.allocated() && image.encrypted().isEmpty() ->
            reserved(image, zero.hostOffset(), offset, run);
        case Mapping.Zero zero -> Extent.zero(offset, run);
        case Mapping.Encoded _ ->
            new Extent(offset, run, true, false, true, true, 0, OptionalLong.empty(), "");
        case Mapping.Backing backing when backing.allocated() && image.encrypted().isEmpty() ->
            Extent.absent(offset, run, backing.hostOffset(), image.dataName());
        case Mapping.Backing _ -> Extent.absent(offset, run);
      };
    } finally {
      image.exitFence(token);
    }
  }

  /** Zeros that have space of their own. */
  private static Extent reserved(MappedImage image, long hostOffset, long offset, long length) {
    OptionalLong place = OptionalLong.of(hostOffset);
    return new Extent(offset, length, true, true, false, false, 0, place, image.dataName());
  }

  /** Bytes that only this layer can make sense of: where they lie is nothing to others. */
  private static Extent unreadable(long offset, long length) {
    return new Extent(offset, length, true, false, true, false, 0, OptionalLong.empty(), "");
  }

  /**
   * Describes bytes of a file. A format without clusters leaves holes to the file; of one that has
   * reserved clusters, a hole's bytes are stored and known to be zeros.
   */
  private static Extent stored(MappedImage image, long hostOffset, long offset, long length)
      throws IOException {
    boolean clusters = image.driver().allocationUnitBytes() > 1;
    if (clusters && !image.driver().reservesAhead()) {
      return Extent.data(offset, length, hostOffset, image.dataName());
    }
    Extent host = inFile(image.data(), hostOffset, length);
    if (!clusters && !host.present()) {
      return new Extent(
          offset, host.length(), false, host.zero(), false, false, 0, OptionalLong.empty(), "");
    }
    return new Extent(
        offset,
        host.length(),
        true,
        host.zero(),
        clusters || host.data(),
        false,
        0,
        OptionalLong.of(hostOffset),
        image.dataName());
  }

  /** Bytes of a file, as far as they are of one kind; behind its end it is one hole. */
  private static Extent inFile(BlockNode file, long hostOffset, long length) throws IOException {
    long inside = file.size() - hostOffset;
    if (inside <= 0) {
      return Extent.zero(hostOffset, length);
    }
    Extent host = file.extent(hostOffset, Math.min(length, inside));
    return host.zero() && host.length() == inside ? host.at(hostOffset, length) : host;
  }
}

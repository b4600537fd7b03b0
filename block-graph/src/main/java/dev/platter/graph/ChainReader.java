package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.DebugEvents;
import dev.platter.api.driver.Mapping;
import java.io.IOException;

/**
 * The read loop: finds which layer of a chain holds guest bytes, and moves them.
 *
 * <ul>
 *   <li>I1: layers are walked in a loop, never by recursion: a chain costs no stack.
 *   <li>I2: no lock is held. From {@code map} until the end of its transfer the reader is counted
 *       in at the layer's fence, so what the mapping names is neither reused nor punched.
 *   <li>I3: of the bytes asked for, a layer answers the first run; the part that a layer leaves to
 *       the one below is never longer than the run it said so for.
 *   <li>I4: past the end of a layer's backing file, its bytes are zeros.
 * </ul>
 *
 * <p>This is the only place that walks a chain to read. Below the top it is told by a {@link
 * ChainIndex} which layers to pass over.
 */
final class ChainReader {
  private ChainReader() {}

  /**
   * Reads {@code length} guest bytes at {@code offset} of a chain to {@code at} of {@code memory}.
   *
   * @param top where the walk begins; the range lies within it
   * @return whether all of the bytes are zeros because no layer stores them
   */
  static <M> boolean read(
      Transfer<M> transfer, FormatNode top, long offset, M memory, long at, long length)
      throws IOException {
    boolean zeros = true;
    long done = 0;
    while (done < length) {
      long run = readRun(transfer, top, offset + done, memory, at + done, length - done);
      zeros &= run < 0;
      done += Math.abs(run);
    }
    return zeros;
  }

  /** Reads the first run of a range. Returns its length, negative if it is zeros by mapping. */
  private static <M> long readRun(
      Transfer<M> transfer, FormatNode top, long offset, M memory, long at, long length)
      throws IOException {
    if (offset >= top.size()) {
      return zero(transfer, memory, at, length);
    }
    long left = Math.min(length, top.size() - offset);
    MappedImage image = top.image();
    int token = image.enterFence();
    try {
      Mapping mapping = image.map(offset, left);
      left = Math.min(left, mapping.length());
      if (!(mapping instanceof Mapping.Backing) || top.backing().isEmpty()) {
        return move(transfer, image, mapping, offset, memory, at, left);
      }
    } finally {
      image.exitFence(token);
    }
    return readBelow(transfer, top.chainIndex(), offset, memory, at, left);
  }

  /** Reads the first run of a range that the top does not hold. */
  private static <M> long readBelow(
      Transfer<M> transfer, ChainIndex index, long offset, M memory, long at, long length)
      throws IOException {
    long left = length;
    int depth = 0;
    while (!index.endsAt(depth)) {
      ChainIndex.Step step = index.below(depth, offset, offset + left, transfer.mayWalk());
      depth = step.depth();
      BlockNode node = index.node(depth);
      if (offset >= node.size()) {
        return zero(transfer, memory, at, step.endOffset() - offset);
      }
      left = Math.min(step.endOffset(), node.size()) - offset;
      if (!(node instanceof FormatNode layer)) {
        transfer.read(node, offset, memory, at, left);
        return left;
      }
      MappedImage image = layer.image();
      int token = image.enterFence();
      try {
        Mapping mapping = image.map(offset, left);
        left = Math.min(left, mapping.length());
        if (!(mapping instanceof Mapping.Backing)) {
          return move(transfer, image, mapping, offset, memory, at, left);
        }
      } finally {
        image.exitFence(token);
      }
    }
    return zero(transfer, memory, at, left);
  }

  /** Moves bytes as a layer has said; what it does not hold is zeros. */
  private static <M> long move(
      Transfer<M> transfer,
      MappedImage image,
      Mapping mapping,
      long offset,
      M memory,
      long at,
      long length)
      throws IOException {
    switch (mapping) {
      case Mapping.Data data when image.encrypted().isPresent() ->
          image.encrypted().get().read(transfer, data.hostOffset(), offset, memory, at, length);
      case Mapping.Data data ->
          readStored(transfer, image.data(), data.hostOffset(), memory, at, length);
      case Mapping.Encoded encoded ->
          transfer.readEncoded(image.driver(), encoded, offset, memory, at, length);
      case Mapping.Zero _, Mapping.Backing _ -> {
        return zero(transfer, memory, at, length);
      }
    }
    return length;
  }

  /** Reads bytes of a file; past its end they are zeros. */
  private static <M> void readStored(
      Transfer<M> transfer, BlockNode file, long hostOffset, M memory, long at, long length)
      throws IOException {
    long stored = Math.clamp(file.size() - hostOffset, 0, length);
    if (stored > 0) {
      DebugEvents.of(file).announce("read_aio");
      transfer.read(file, hostOffset, memory, at, stored);
    }
    if (stored < length) {
      transfer.zero(memory, at + stored, length - stored);
    }
  }

  private static <M> long zero(Transfer<M> transfer, M memory, long at, long length)
      throws IOException {
    transfer.zero(memory, at, length);
    return -length;
  }
}

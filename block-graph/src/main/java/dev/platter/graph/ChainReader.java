package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.DebugEvents;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.util.Optional;

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
 * <p>This is the only place that walks a chain to read. An index of where a chain's ranges resolve
 * would be asked in {@link #readRun}, before the walk.
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
    BlockNode node = top;
    long left = length;
    while (offset < node.size()) {
      left = Math.min(left, node.size() - offset);
      if (!(node instanceof FormatNode layer)) {
        transfer.read(node, offset, memory, at, left);
        return left;
      }
      MappedImage image = layer.image();
      int token = image.enterFence();
      try {
        Mapping mapping = image.map(offset, left);
        left = Math.min(left, mapping.length());
        switch (mapping) {
          case Mapping.Data data -> {
            readStored(transfer, image.data(), data.hostOffset(), memory, at, left);
            return left;
          }
          case Mapping.Encoded encoded -> {
            transfer.readEncoded(image.driver(), encoded, offset, memory, at, left);
            return left;
          }
          case Mapping.Zero _ -> {
            return zero(transfer, memory, at, left);
          }
          case Mapping.Backing _ -> {
            Optional<BlockNode> below = layer.backing();
            if (below.isEmpty()) {
              return zero(transfer, memory, at, left);
            }
            node = below.get();
          }
        }
      } finally {
        image.exitFence(token);
      }
    }
    return zero(transfer, memory, at, left);
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

  private static <M> long zero(Transfer<M> transfer, M memory, long at, long length) {
    transfer.zero(memory, at, length);
    return -length;
  }
}

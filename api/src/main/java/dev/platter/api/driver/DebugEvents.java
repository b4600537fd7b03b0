package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import java.io.IOException;

/**
 * A node that wants to know what the driver above it is about to do with it: a debugging filter,
 * which can then fail one request among many.
 *
 * <p>A driver asks once for the listener of its file, {@code DebugEvents.of(file)}, and announces
 * each step before its request. Where nobody listens that is a call that does nothing.
 *
 * <p>Events are words in lower case; a driver uses QEMU's where it has one: {@code l2_load}, {@code
 * refblock_update}. Filters pass on what they do not understand.
 */
@FunctionalInterface
public interface DebugEvents {
  /** Nobody listens. */
  DebugEvents NONE = _ -> {};

  /** The listener that a node is; {@link #NONE} if it is none. */
  static DebugEvents of(BlockNode node) {
    return node instanceof DebugEvents listening ? listening : NONE;
  }

  /**
   * Says that something is about to happen. Any thread; may block while a debugger holds it.
   *
   * @throws IOException if the node cannot go on
   */
  void announce(String event) throws IOException;
}

package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import java.io.IOException;

/**
 * The extents of a node, for one who goes through it from its beginning to its end. Ranges that
 * need not be read come in one piece, however many pieces the node's metadata has for them.
 */
final class ExtentCursor {
  private final BlockNode node;
  private long offset;
  private long end;
  private Extent current;

  ExtentCursor(BlockNode node) {
    this.node = node;
  }

  /** The extent from {@code at} on; its length is at least 1. */
  Extent from(long at) throws IOException {
    if (at < offset || at >= end) {
      load(at);
    }
    return current.at(at, end - at);
  }

  private void load(long at) throws IOException {
    current = node.extent(at, node.size() - at);
    offset = at;
    end = at + current.length();
    while (end < node.size() && !isRead(current)) {
      Extent next = node.extent(end, node.size() - end);
      if (!current.at(offset, end - offset).continuedBy(next)) {
        break;
      }
      end += next.length();
    }
  }

  private static boolean isRead(Extent extent) {
    return extent.present() && !extent.zero();
  }
}

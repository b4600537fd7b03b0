package dev.platter.tck;

import dev.platter.api.BlockNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Ranges at which implementations go wrong: at, before and behind sectors, clusters, the end. */
final class Edges {
  /**
   * A range within a node.
   *
   * @param offset first byte
   * @param length length in bytes
   */
  record Range(int offset, int length) {}

  private Edges() {}

  /** Every range between two edges of the node, empty ones left out. */
  static List<Range> ranges(BlockNode node) {
    List<Integer> edges = List.copyOf(edges(node));
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < edges.size(); i++) {
      for (int j = i + 1; j < edges.size(); j++) {
        ranges.add(new Range(edges.get(i), edges.get(j) - edges.get(i)));
      }
    }
    return ranges;
  }

  private static Set<Integer> edges(BlockNode node) {
    int size = Math.toIntExact(node.size());
    int unit = (int) Math.min(size / 4, Math.max(4096, node.limits().optimalTransferBytes()));
    Set<Integer> edges = new TreeSet<>();
    for (int center : new int[] {0, 512, unit, 3 * unit, size}) {
      for (int distance : new int[] {-512, -1, 0, 1}) {
        edges.add(center + distance);
      }
    }
    edges.removeIf(edge -> edge < 0 || edge > size);
    return edges;
  }
}

package dev.platter.graph;

import java.util.Optional;

/**
 * The {@link ChainIndex} of one node: made when a read first needs it, and anew when the chains of
 * the graph have changed since.
 *
 * <p>Threads: any; looking takes no lock.
 */
final class CurrentIndex {
  private final FormatNode top;
  private final BlockGraph graph;
  private volatile Optional<ChainIndex> index = Optional.empty();

  CurrentIndex(FormatNode top, BlockGraph graph) {
    this.top = top;
    this.graph = graph;
  }

  /** What is known of the layers below; for reads that are counted in at the node. */
  ChainIndex get() {
    Optional<ChainIndex> known = index;
    return known.isPresent() && known.get().version() == graph.chainVersion()
        ? known.get()
        : make();
  }

  /** Gives back what it takes; reads that come make another. */
  synchronized void forget() {
    index.ifPresent(ChainIndex::close);
    index = Optional.empty();
  }

  private synchronized ChainIndex make() {
    long version = graph.chainVersion();
    if (index.isEmpty() || index.get().version() != version) {
      forget();
      index = Optional.of(new ChainIndex(top, version, graph.cacheBudget(), graph.indexSize()));
    }
    return index.get();
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.EmptiableFormat;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Commits the upper layers of a chain that no guest uses into a base below them: what they hold is
 * written to the base, which then reads as the whole chain did.
 *
 * <ul>
 *   <li>I1: the layers above the base are opened without it, and the base by itself. So what they
 *       do not hold is seen as such, and the base can be written.
 *   <li>I2: a layer above the base changes only after {@link #run} has made the base durable. Up to
 *       then the chain reads as before, also after a power cut: parts of the base that have been
 *       written lie below layers that hold the same.
 *   <li>I3: the base grows if it is smaller, and never shrinks. Behind the end of a layer in
 *       between that is shorter the disk reads as zeros, and these are committed as well.
 * </ul>
 *
 * <p>Threads: one at a time.
 */
public final class ChainCommit implements AutoCloseable {
  private static final int BUFFER_BYTES = 2 << 20;

  /** What is said about the top holds for the base as well. */
  private static final List<String> PASSED_ON =
      List.of(
          GenericOptions.CACHE_WRITEBACK.name(),
          GenericOptions.CACHE_DIRECT.name(),
          GenericOptions.CACHE_NO_FLUSH.name());

  private final BlockGraph graph;
  private final FormatNode upper;
  private final BlockNode base;
  private final int layerCount;

  private ChainCommit(BlockGraph graph, FormatNode upper, BlockNode base, int layerCount) {
    this.graph = graph;
    this.upper = upper;
    this.base = base;
    this.layerCount = layerCount;
  }

  /**
   * Prepares a commit: closes the chain, and opens its two parts anew, both to be written.
   *
   * @param top a node of this graph that nothing refers to
   * @param base a layer of its chain, not itself
   * @return the commit; to be closed, which closes both parts
   * @throws UnsupportedFeatureException if something else than images lies between the two
   */
  public static ChainCommit of(BlockGraph graph, FormatNode top, FormatNode base)
      throws IOException {
    List<BlockNode> chain = graph.chainOf(top);
    int layerCount = chain.indexOf(base);
    if (layerCount < 1) {
      throw new IllegalArgumentException(base.name() + " does not lie below " + top.name());
    }
    ChildSpec below = new ChildSpec.None();
    for (int depth = layerCount - 1; depth > 0; depth--) {
      NodeSpec layer = anonymous(layer(chain, depth).spec());
      below = new ChildSpec.Inline(layer.withChild(ChildUse.BACKING, below));
    }
    NodeSpec upperSpec = anonymous(top.spec()).withChild(ChildUse.BACKING, below);
    NodeSpec baseSpec = writable(anonymous(base.spec()), top.spec());
    graph.close(top);
    FormatNode upper = (FormatNode) graph.open(upperSpec);
    try {
      return new ChainCommit(graph, upper, graph.open(baseSpec), layerCount); // I1
    } catch (IOException e) {
      try {
        graph.close(upper);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static FormatNode layer(List<BlockNode> chain, int depth) throws IOException {
    if (chain.get(depth) instanceof FormatNode layer) {
      return layer;
    }
    throw new UnsupportedFeatureException(
        chain.get(depth).name() + ": only images can be committed");
  }

  private static NodeSpec anonymous(NodeSpec spec) {
    return new NodeSpec(spec.driver(), Optional.empty(), spec.options(), spec.children());
  }

  private static NodeSpec writable(NodeSpec base, NodeSpec top) {
    NodeSpec spec = base.with(GenericOptions.READ_ONLY.name(), "off");
    for (String key : PASSED_ON) {
      OptionValue value = top.options().get(key);
      spec = value == null || spec.options().containsKey(key) ? spec : spec.with(key, value);
    }
    return spec.options().containsKey(GenericOptions.DISCARD.name())
        ? spec
        : spec.with(GenericOptions.DISCARD.name(), "unmap");
  }

  /**
   * Writes what the upper layers hold to the base, and makes it durable.
   *
   * @throws IOException if that fails; the layers above are as they were, and the disk reads as it
   *     did
   */
  public void run(JobProgress progress) throws IOException {
    long end = upper.size();
    if (base.size() < end) {
      base.resize(end, Preallocation.OFF); // I3
    }
    MemorySegment buffer = MemorySegment.ofArray(new byte[BUFFER_BYTES]);
    for (long at = 0; at < end; ) {
      at += commit(upper.extent(at, end - at), buffer);
      if (at < end) {
        progress.at(at, end);
      }
    }
    base.flush();
    progress.at(end, end);
  }

  /** Commits the first part of an extent; returns its length. */
  private long commit(Extent extent, MemorySegment buffer) throws IOException {
    long at = extent.offset();
    if (!extent.present() && extent.depth() == layerCount - 1) {
      return extent.length();
    }
    if (extent.zero()) {
      Extent below = base.extent(at, extent.length());
      if (!below.zero()) {
        base.writeZeroes(at, below.length(), ZeroMode.MAY_UNMAP);
      }
      return below.length();
    }
    long length = Math.min(extent.length(), BUFFER_BYTES);
    MemorySegment bytes = buffer.asSlice(0, length);
    upper.read(at, bytes);
    base.write(at, bytes);
    return length;
  }

  /**
   * Lets go of what the top layer holds: the same bytes lie in the base now. To be called after
   * {@link #run}, and only if the base is the top's backing file.
   *
   * @throws UnsupportedFeatureException if images of its format cannot do that
   */
  public void emptyTop() throws IOException {
    if (!(upper.driver() instanceof EmptiableFormat emptiable)) {
      throw new UnsupportedFeatureException(
          "%s: Image format driver '%s' does not support make empty"
              .formatted(upper.name(), upper.driverName()));
    }
    upper.changeHeld("make empty", emptiable::empty); // I2
  }

  /** Closes both parts. */
  @Override
  public void close() throws IOException {
    try {
      graph.close(upper);
    } finally {
      graph.close(base);
    }
  }
}

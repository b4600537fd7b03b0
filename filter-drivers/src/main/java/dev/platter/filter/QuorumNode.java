package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * Keeps the same bytes in several nodes, and believes what enough of them say.
 *
 * <ul>
 *   <li>I1. A request succeeds where so many nodes as the threshold says have performed it;
 *       otherwise it fails as it has failed in most of them.
 *   <li>I2. A read's bytes are those that most nodes hold, and at least so many.
 *   <li>I3. No read sees a write that only some of the nodes have performed: writes run alone.
 * </ul>
 *
 * <p>A failure that is outvoted is reported as an event. Discards are ignored: nodes might differ
 * afterwards in what they hold. Threads: any.
 */
final class QuorumNode implements GrowingNode {
  /** Reads are voted on in pieces, since each node's bytes are held meanwhile. */
  private static final int PIECE_BYTES = 1 << 20;

  /** How a read is answered. */
  enum Pattern {
    /** By the bytes that most nodes hold. */
    VOTE,
    /** The same, and the other nodes get these bytes. */
    VOTE_AND_REWRITE,
    /** By bytes that all nodes hold; where they differ, the read fails. */
    VERIFY,
    /** By the first node that can. */
    IN_TURN
  }

  /** A request to one of the nodes. */
  @FunctionalInterface
  private interface Request {
    void to(BlockNode child) throws IOException;
  }

  private final String name;
  private final List<BlockNode> children;
  private final int threshold;
  private final Pattern pattern;
  private final Consumer<BlockEvent> events;
  private final BlockLimits limits;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /**
   * @param children nodes of the same size, at least one; borrowed
   * @param threshold from 1 to their number
   */
  QuorumNode(
      String name,
      List<BlockNode> children,
      int threshold,
      Pattern pattern,
      Consumer<BlockEvent> events) {
    this.name = name;
    this.children = List.copyOf(children);
    this.threshold = threshold;
    this.pattern = pattern;
    this.events = events;
    this.limits = MergedLimits.of(children);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return children.getFirst().size();
  }

  @Override
  public boolean readOnly() {
    return children.stream().anyMatch(BlockNode::readOnly);
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    lock.readLock().lock();
    try {
      if (pattern == Pattern.IN_TURN) {
        readInTurn(offset, dst);
        return;
      }
      for (long done = 0; done < dst.byteSize(); done += PIECE_BYTES) {
        vote(offset + done, dst.asSlice(done, Math.min(PIECE_BYTES, dst.byteSize() - done)));
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private void readInTurn(long offset, MemorySegment dst) throws IOException {
    int last = children.size() - 1;
    for (int i = 0; i < last; i++) {
      try {
        children.get(i).read(offset, dst);
        return;
      } catch (IOException e) {
        report(children.get(i), e);
      }
    }
    children.get(last).read(offset, dst);
  }

  /** I2. */
  private void vote(long offset, MemorySegment dst) throws IOException {
    Votes<ByteBuffer, BlockNode> votes = new Votes<>();
    perform(
        child -> {
          byte[] bytes = new byte[(int) dst.byteSize()];
          child.read(offset, bytes);
          votes.add(ByteBuffer.wrap(bytes), child);
        });
    Map.Entry<ByteBuffer, List<BlockNode>> winner = votes.winner();
    List<BlockNode> others = votes.against(winner.getKey());
    if (!others.isEmpty() && pattern == Pattern.VERIFY) {
      throw mismatch(offset, votes.values());
    }
    if (winner.getValue().size() < threshold) {
      throw new BlockIoException(
          name, "find %d nodes that agree at %#x".formatted(threshold, offset), Errno.EIO);
    }
    for (BlockNode other : others) {
      warn(other, "differs from the others within %d bytes at %#x", dst.byteSize(), offset);
      if (pattern == Pattern.VOTE_AND_REWRITE) {
        rewrite(other, offset, winner.getKey());
      }
    }
    dst.copyFrom(MemorySegment.ofBuffer(winner.getKey()));
  }

  private BlockIoException mismatch(long offset, List<ByteBuffer> both) {
    long different = offset + both.getFirst().mismatch(both.getLast());
    String what =
        "quorum: offset=%d bytes=%d contents mismatch at offset %d"
            .formatted(offset, both.getFirst().remaining(), different);
    return new BlockIoException(name, what, Errno.EIO);
  }

  private void rewrite(BlockNode child, long offset, ByteBuffer bytes) {
    try {
      child.write(offset, bytes.duplicate());
    } catch (IOException e) {
      report(child, e); // it is no worse than it was
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    performAlone(child -> child.write(offset, src));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    performAlone(child -> child.writeZeroes(offset, length, mode));
  }

  @Override
  public void discard(long offset, long length) {
    // see the class's documentation
  }

  @Override
  public void flush() throws IOException {
    perform(BlockNode::flush);
  }

  /** I3. */
  private void performAlone(Request request) throws IOException {
    lock.writeLock().lock();
    try {
      perform(request);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** I1. */
  private void perform(Request request) throws IOException {
    Votes<Object, IOException> failures = new Votes<>();
    int performed = 0;
    for (BlockNode child : children) {
      try {
        request.to(child);
        performed++;
      } catch (IOException e) {
        failures.add(e instanceof BlockIoException host ? host.errno() : e.getClass(), e);
        report(child, e);
      }
    }
    if (performed < threshold) {
      throw failures.winner().getValue().getFirst();
    }
  }

  /** Zeros where all nodes say so, data otherwise. */
  @Override
  public Extent extent(long offset, long length) throws IOException {
    long zeros = length;
    long data = 0;
    for (BlockNode child : children) {
      Extent extent = child.extent(offset, length);
      if (extent.zero()) {
        zeros = Math.min(zeros, extent.length());
      } else {
        data = Math.max(data, extent.length());
      }
    }
    return data == 0
        ? Extent.zero(offset, zeros)
        : new Extent(offset, data, true, false, true, false, 0, OptionalLong.empty(), "");
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    throw new UnsupportedFeatureException("Image format driver does not support resize");
  }

  /** Does nothing: the nodes below belong to whoever opened them. */
  @Override
  public void close() {}

  private void report(BlockNode child, IOException failure) {
    warn(child, "failed: %s", failure.getMessage());
  }

  private void warn(BlockNode child, String what, Object... arguments) {
    events.accept(
        new BlockEvent.Warning(name, "quorum: " + child.name() + " " + what.formatted(arguments)));
  }
}

package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.PopulatingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.PromptNode;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.InFlight;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * The front that a device or a user holds: passes requests on to a root node, which can be
 * exchanged while requests come in.
 *
 * <p>Checks bounds before anything else, so that a root that grows as it is written does not grow;
 * counts requests; and can hold them back.
 *
 * <ul>
 *   <li>I1: a request uses one root from beginning to end: it reads {@code root} after it was
 *       counted in, and the root changes only while requests are held.
 * </ul>
 *
 * <p>Made by {@link BlockGraph#attach} and {@link BlockGraph#openBackend}. Closing it closes the
 * root if it was made by {@code openBackend}.
 */
public final class BlockBackend implements CompressingNode, PopulatingNode, PromptNode {
  private final String name;
  private final BlockClock clock;
  private final InFlight requests;
  private final Owner owner;
  private final OperationCounter reads = new OperationCounter();
  private final OperationCounter writes = new OperationCounter();
  private final OperationCounter flushes = new OperationCounter();
  private final OperationCounter discards = new OperationCounter();
  private final OperationCounter zeroWrites = new OperationCounter();
  private final LongAccumulator highestWritten = new LongAccumulator(Math::max, 0);
  private volatile BlockNode root;

  BlockBackend(String name, BlockNode root, BlockClock clock, Owner owner) {
    this.name = name;
    this.root = root;
    this.clock = clock;
    this.owner = owner;
    this.requests = new InFlight(name);
  }

  /** Who made a backend, and exchanges its root. */
  interface Owner {
    /** Lets go of the root; the backend has no requests and gets none. */
    void detach(BlockBackend backend) throws IOException;

    /** Resizes the root while no other exchanges it; the backend holds requests. */
    void resizeRoot(BlockBackend backend, long newSize, Preallocation preallocation)
        throws IOException;
  }

  /** What is to be done at the root. */
  @FunctionalInterface
  private interface Request {
    void perform() throws IOException;
  }

  /** Requests are held until this is closed. Closing twice does nothing. */
  public static final class Drained implements AutoCloseable {
    private final InFlight requests;
    private boolean ended;

    private Drained(InFlight requests) {
      this.requests = requests;
    }

    /** Lets requests in again. */
    @Override
    public synchronized void close() {
      if (!ended) {
        ended = true;
        requests.release();
      }
    }
  }

  /** The node that requests go to now. */
  public BlockNode root() {
    return root;
  }

  /**
   * Holds new requests and waits, ignoring interrupts, until those in progress have ended. May be
   * nested: requests are let in when all have been closed.
   *
   * <p>Must not be called from within a request to this backend.
   */
  public Drained drain() {
    requests.hold();
    return new Drained(requests);
  }

  /** The counters so far. */
  public BackendStats stats() {
    return new BackendStats(
        reads.snapshot(),
        writes.snapshot(),
        flushes.snapshot(),
        discards.snapshot(),
        zeroWrites.snapshot(),
        highestWritten.get());
  }

  /**
   * Counts reads that were merged with one that has succeeded, which is counted already.
   *
   * @param requestCount how many, without that one
   */
  public void countMergedReads(int requestCount) {
    reads.merged(requestCount);
  }

  /** {@link #countMergedReads}, of writes. */
  public void countMergedWrites(int requestCount) {
    writes.merged(requestCount);
  }

  /** The backend's own name: that of the device, or of the node it was made for. */
  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return root.size();
  }

  @Override
  public boolean readOnly() {
    return root.readOnly();
  }

  @Override
  public BlockLimits limits() {
    return root.limits();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    read(SegmentTransfer.INSTANCE, offset, dst, dst.byteSize());
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    read(VectorTransfer.INSTANCE, offset, dst, dst.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    write(SegmentTransfer.INSTANCE, offset, src, src.byteSize());
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    write(VectorTransfer.INSTANCE, offset, src, src.byteSize());
  }

  @Override
  public boolean promptReads() {
    return root instanceof PromptNode node && node.promptReads();
  }

  /**
   * {@inheritDoc} It is counted if it was done; what fails is asked for again, and counted then.
   */
  @Override
  public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    return readPromptly(PromptTransfer.SEGMENT, offset, dst, dst.byteSize());
  }

  /** {@inheritDoc} It is counted as if it went into one segment. */
  @Override
  public boolean readPromptly(long offset, IoVector dst) throws IOException {
    return readPromptly(PromptTransfer.VECTOR, offset, dst, dst.byteSize());
  }

  private <M> boolean readPromptly(PromptTransfer<M> transfer, long offset, M memory, long length)
      throws IOException {
    OptionalInt entered = requests.tryEnter();
    if (entered.isEmpty()) {
      return false;
    }
    try {
      long start = clock.nanoTime();
      boolean done = transfer.tryRead(rootFor(offset, length), offset, memory, 0, length);
      if (done) {
        reads.succeeded(length, clock.nanoTime() - start);
      }
      return done;
    } finally {
      requests.exit(entered.getAsInt());
    }
  }

  private <M> void read(Transfer<M> transfer, long offset, M memory, long length)
      throws IOException {
    count(reads, length, () -> transfer.read(rootFor(offset, length), offset, memory, 0, length));
  }

  private <M> void write(Transfer<M> transfer, long offset, M memory, long length)
      throws IOException {
    count(
        writes,
        length,
        () -> {
          transfer.write(rootFor(offset, length), offset, memory, 0, length);
          highestWritten.accumulate(offset + length);
        });
  }

  @Override
  public boolean compresses() {
    return CompressingNode.of(root).isPresent();
  }

  /** {@inheritDoc} It is counted in when it is performed; the root must then be the same. */
  @Override
  public PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException {
    CompressingNode node =
        CompressingNode.of(rootFor(offset, src.byteSize()))
            .orElseThrow(() -> new UnsupportedFeatureException(name + " is not compressed"));
    PreparedWrite prepared = node.prepareCompressed(offset, src);
    return () -> count(writes, src.byteSize(), prepared::perform);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    count(zeroWrites, length, () -> rootFor(offset, length).writeZeroes(offset, length, mode));
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    count(discards, length, () -> rootFor(offset, length).discard(offset, length));
  }

  @Override
  public void flush() throws IOException {
    count(flushes, 0, () -> root.flush());
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    int request = requests.enter();
    try {
      return rootFor(offset, length).extent(offset, length);
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public void populate(long offset, long length) throws IOException {
    int request = requests.enter();
    try {
      if (rootFor(offset, length) instanceof PopulatingNode node) {
        node.populate(offset, length);
      }
    } finally {
      requests.exit(request);
    }
  }

  /** Drains, then resizes the root. */
  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    requests.hold();
    try {
      owner.resizeRoot(this, newSize, preallocation);
    } finally {
      requests.release();
    }
  }

  /**
   * Refuses further requests, waits for those in progress, and lets go of the root: it is flushed,
   * and closed if this backend was opened together with it. Closing twice does nothing.
   */
  @Override
  public void close() throws IOException {
    if (requests.close()) {
      owner.detach(this);
    }
  }

  @Override
  public String toString() {
    return "BlockBackend[" + name + " -> " + root.name() + "]";
  }

  void hold() {
    requests.hold();
  }

  void resume() {
    requests.release();
  }

  /** Exchanges the root; the caller holds requests (I1). */
  void setRoot(BlockNode node) {
    root = node;
  }

  /** The root for one request, once the request's range has been compared with its size. */
  private BlockNode rootFor(long offset, long length) throws IOException {
    BlockNode node = root; // I1
    Ranges.check(name, node.size(), offset, length);
    return node;
  }

  /** One counted request, of so many bytes. */
  private void count(OperationCounter counter, long length, Request request) throws IOException {
    int entered = requests.enter();
    long start = clock.nanoTime();
    boolean done = false;
    try {
      request.perform();
      done = true;
    } finally {
      requests.exit(entered);
      if (done) {
        counter.succeeded(length, clock.nanoTime() - start);
      } else {
        counter.failed();
      }
    }
  }
}

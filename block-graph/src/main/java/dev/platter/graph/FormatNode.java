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
import dev.platter.api.driver.AmendableFormat;
import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.driver.CompressingFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.InFlight;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.GenericOptions.DetectZeroes;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A node whose bytes a format driver maps: a disk image with, perhaps, a backing file below it.
 *
 * <p>The driver says where guest bytes live; this class and the loops it uses ({@link ChainReader},
 * {@link ChainWriter}, {@link ZeroWriter}) are the only ones that move them. A backing file that is
 * shorter reads as zeros beyond its end; one that is longer is cut off.
 *
 * <ul>
 *   <li>I1: every request is counted in at {@code requests} of the node it was sent to, and only
 *       there. Layers below cannot be closed or resized while a node above refers to them.
 *   <li>I2: whether the node may be written is asked of the {@link WriteGate} after the request was
 *       counted in.
 * </ul>
 *
 * <p>Made by {@link BlockGraph}; closing it closes the nodes below that were opened with it.
 */
public final class FormatNode implements CompressingNode, PopulatingNode, PromptNode {
  private final Layer layer;
  private final FormatDriver driver;
  private final Optional<BitmapFormat> bitmaps;
  private final BlockLimits limits;
  private final NodePolicy policy;
  private final WriteGate writeGate;
  private final MappedImage image;
  private final BlockGraph graph;
  private final InFlight requests;
  private final CurrentIndex index;
  private final ChainWriter writer;
  private final ZeroWriter zeros;
  private final Optional<CompressedWriter> compressedWriter;

  private volatile Optional<BlockNode> backing;
  private volatile boolean settled;
  private volatile long size;

  FormatNode(BlockGraph graph, Layer layer, Optional<BlockNode> backing) {
    this.graph = graph;
    this.layer = layer;
    this.driver = layer.driver();
    this.bitmaps = driver instanceof BitmapFormat format ? Optional.of(format) : Optional.empty();
    this.backing = backing;
    this.size = driver.size();
    this.writeGate = new WriteGate(layer.name(), layer.readOnly());
    this.settled = layer.readOnly();
    this.policy = layer.policy();
    this.limits = Layer.combine(driver.limits(), driver.data().limits());
    this.image = new MappedImage(layer, writeGate);
    this.requests = new InFlight(layer.name());
    this.index = new CurrentIndex(this, graph);
    RangeLock ranges = new RangeLock();
    this.writer = new ChainWriter(this, ranges);
    this.zeros = new ZeroWriter(this, ranges, writer, policy.unmaps());
    this.compressedWriter =
        driver instanceof CompressingFormat format && format.compresses()
            ? Optional.of(new CompressedWriter(this, format, ranges, writer))
            : Optional.empty();
  }

  @Override
  public String name() {
    return layer.name();
  }

  /** The name of the driver that opened the image: {@code qcow2}. */
  public String driverName() {
    return layer.driverName();
  }

  /**
   * The open image: for what a format offers beside reading and writing, such as {@link
   * dev.platter.api.driver.CachedFormat}. Callers must not map, allocate, release or close.
   */
  public FormatDriver driver() {
    return driver;
  }

  /**
   * How the image was opened: its driver, its options, and what lies below as far as that was said.
   */
  public NodeSpec spec() {
    return layer.spec();
  }

  /** The node that holds the image's bytes. */
  public BlockNode file() {
    return layer.file();
  }

  /** The node that shows through where the image holds nothing, if there is one. */
  public Optional<BlockNode> backing() {
    return backing;
  }

  /** The image's name: its file's name as it was given. */
  public String imageName() {
    return layer.imageName();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean readOnly() {
    return writeGate.closed();
  }

  @Override
  public BlockLimits limits() {
    return limits;
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
    return driver.data() instanceof PromptNode data && data.promptReads();
  }

  @Override
  public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    return PromptTransfer.SEGMENT.readChain(this, requests, offset, dst, dst.byteSize());
  }

  @Override
  public boolean readPromptly(long offset, IoVector dst) throws IOException {
    return PromptTransfer.VECTOR.readChain(this, requests, offset, dst, dst.byteSize());
  }

  <M> void read(Transfer<M> transfer, long offset, M memory, long length) throws IOException {
    int request = requests.enter();
    try {
      Ranges.check(name(), size, offset, length);
      ChainReader.read(transfer, this, offset, memory, 0, length);
    } catch (IOException e) {
      throw failed("read", offset, length, e);
    } finally {
      requests.exit(request);
    }
  }

  <M> void write(Transfer<M> transfer, long offset, M memory, long length) throws IOException {
    change("write", offset, length, true, () -> writeAdmitted(transfer, offset, memory, length));
  }

  private <M> void writeAdmitted(Transfer<M> transfer, long offset, M memory, long length)
      throws IOException {
    if (policy.detectZeroes() != DetectZeroes.OFF && transfer.allZeros(memory, length)) {
      boolean unmap = policy.detectZeroes() == DetectZeroes.UNMAP;
      zero(offset, length, unmap ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
    } else if (layer.headGuard().isPresent()) {
      layer.headGuard().get().write(this, writer, transfer, offset, memory, length);
    } else {
      writer.write(transfer, offset, memory, 0, length);
    }
  }

  @Override
  public boolean compresses() {
    return compressedWriter.isPresent();
  }

  @Override
  public PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException {
    Ranges.check(name(), size, offset, src.byteSize());
    CompressedWriter compressing =
        compressedWriter.orElseThrow(
            () -> new UnsupportedFeatureException(name() + ": this image is not compressed"));
    PreparedWrite prepared = compressing.prepare(offset, src);
    return () -> change("write compressed", offset, src.byteSize(), true, prepared::perform);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    change("write zeroes", offset, length, true, () -> zero(offset, length, mode));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Does nothing unless the node's option {@code discard} is {@code unmap}. Parts of clusters at
   * either end are left as they are.
   */
  @Override
  public void discard(long offset, long length) throws IOException {
    change(
        "discard",
        offset,
        length,
        policy.unmaps(),
        () -> changeToZeros(offset, length, () -> zeros.discard(offset, length)));
  }

  @Override
  public void populate(long offset, long length) throws IOException {
    if (!readOnly()) {
      change("copy on read", offset, length, false, () -> writer.populate(offset, length));
    }
  }

  /**
   * One request that changes guest bytes.
   *
   * @param marks whether bitmaps are to take note of it
   */
  private void change(String what, long offset, long length, boolean marks, HeadGuard.Change change)
      throws IOException {
    int request = requests.enter();
    try {
      admitChange(offset, length);
      if (marks && bitmaps.isPresent()) {
        performMarked(bitmaps.get(), offset, length, change);
      } else {
        change.perform();
      }
      flushIfWriteThrough();
    } catch (IOException e) {
      throw failed(what, offset, length, e);
    } finally {
      requests.exit(request);
    }
  }

  /** Marks before, so that no change goes unnoticed, and after, for bitmaps cleared meanwhile. */
  private static void performMarked(
      BitmapFormat bitmaps, long offset, long length, HeadGuard.Change change) throws IOException {
    bitmaps.markDirty(offset, length);
    try {
      change.perform();
    } finally {
      bitmaps.markDirty(offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    int request = requests.enter();
    try {
      flushDriver();
    } catch (IOException e) {
      throw failed("flush", 0, size, e);
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    int request = requests.enter();
    try {
      Ranges.check(name(), size, offset, length);
      if (length == 0) {
        throw new IllegalArgumentException("an extent of no bytes");
      }
      return ChainExtents.find(this, offset, length);
    } catch (IOException e) {
      throw failed("map", offset, length, e);
    } finally {
      requests.exit(request);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Waits for requests in progress and holds new ones meanwhile. Growth reads as zeros, also
   * where the backing file is longer than this disk was.
   *
   * @throws dev.platter.api.error.NodeBusyException if this node is another node's backing file
   */
  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    if (!(driver instanceof ResizableFormat resizable)) {
      throw new UnsupportedFeatureException(
          "%s: Image format driver '%s' does not support resize".formatted(name(), driverName()));
    }
    changeHeld("resize", () -> resizeHeld(resizable, newSize, preallocation));
  }

  private void resizeHeld(ResizableFormat resizable, long newSize, Preallocation preallocation)
      throws IOException {
    long oldSize = size;
    resizable.resize(newSize, preallocation, () -> zeroGrowth(oldSize));
    flushIfWriteThrough();
  }

  /**
   * Gives the image other creation options. Waits for requests in progress and holds new ones
   * meanwhile.
   *
   * @throws dev.platter.api.error.NodeBusyException if this node is another node's backing file
   * @throws UnsupportedFeatureException if images of this format cannot be amended
   */
  public void amend(AmendableFormat.Amendment amendment) throws IOException {
    if (!(driver instanceof AmendableFormat amendable)) {
      throw new UnsupportedFeatureException(
          "Format driver '%s' does not support option amendment".formatted(driverName()));
    }
    changeHeld("amend", () -> amendHeld(amendable, amendment));
  }

  private void amendHeld(AmendableFormat amendable, AmendableFormat.Amendment amendment)
      throws IOException {
    long oldSize = size;
    amendable.amend(amendment, () -> zeroGrowth(oldSize));
  }

  /**
   * A change of the image as a whole: waits for requests in progress and holds new ones meanwhile.
   *
   * @throws dev.platter.api.error.NodeBusyException if this node is another node's backing file
   */
  void changeHeld(String what, HeadGuard.Change change) throws IOException {
    graph.changeUnshared(
        this,
        () -> {
          requests.hold();
          try {
            admitChange(0, 0);
            change.perform();
          } catch (IOException e) {
            throw failed(what, 0, size, e);
          } finally {
            size = driver.size();
            forgetIndex();
            requests.release();
          }
        });
  }

  /** Closes this node and the nodes below that were opened with it. */
  @Override
  public void close() throws IOException {
    graph.close(this);
  }

  @Override
  public String toString() {
    return "FormatNode[" + name() + ", " + driverName() + ", " + imageName() + "]";
  }

  // What the loops and the graph need.

  /** The image, as the loops see it. */
  MappedImage image() {
    return image;
  }

  Layer layer() {
    return layer;
  }

  BlockGraph graph() {
    return graph;
  }

  /** Holds requests that were sent to this node, until {@link #resume}. */
  void hold() {
    requests.hold();
  }

  void resume() {
    requests.release();
  }

  /**
   * Writes back all that the driver holds, and makes the node read-only for good and its contents
   * what they are. The caller holds requests. If writing back fails, the node stays as it was.
   */
  void settle(String reason) throws IOException {
    writeGate.settle(driver);
    writeGate.close(reason);
    settled = true;
  }

  /** Whether what the driver maps will not change as long as the node is open. */
  boolean settled() {
    return settled;
  }

  /** Puts another node below; readers in progress finish with either. */
  void setBacking(BlockNode node) {
    backing = Optional.of(node);
    graph.chainsChanged();
  }

  /** What is known of the layers below; for reads that are counted in at this node. */
  ChainIndex chainIndex() {
    return index.get();
  }

  /** Gives back what the index takes; reads that come make another. */
  void forgetIndex() {
    index.forget();
  }

  /** Flushes without being counted as a request: for callers that are, or that hold requests. */
  void flushDriver() throws IOException {
    writeGate.flush(driver);
  }

  /** Closes the driver, after the requests in progress. Closing twice does nothing. */
  void closeDriver() throws IOException {
    if (requests.close()) {
      forgetIndex();
      driver.close();
    }
  }

  private void admitChange(long offset, long length) throws IOException {
    Ranges.check(name(), size, offset, length);
    writeGate.admit(); // I2
  }

  private void zero(long offset, long length, ZeroMode mode) throws IOException {
    changeToZeros(offset, length, () -> zeros.writeZeroes(offset, length, mode));
  }

  private void changeToZeros(long offset, long length, HeadGuard.Change change) throws IOException {
    if (layer.headGuard().isPresent()) {
      List<MemorySegment> data = Zeros.vector(Math.min(length, Zeros.MAX_BYTES)).segments();
      layer.headGuard().get().apply(this, offset, data, change);
    } else {
      change.perform();
    }
  }

  private void flushIfWriteThrough() throws IOException {
    if (policy.writeThrough()) {
      flushDriver();
    }
  }

  private void zeroGrowth(long oldSize) throws IOException {
    size = driver.size();
    forgetIndex();
    zeros.zeroGrowth(oldSize);
  }

  /** What a caller is told: the failure, with this node's name if it has none. */
  private IOException failed(String what, long offset, long length, IOException failure) {
    if (failure instanceof BlockException) {
      return failure;
    }
    return new BlockIoException(
        name(), "%s %d bytes at 0x%x".formatted(what, length, offset), Errno.EIO, failure);
  }
}

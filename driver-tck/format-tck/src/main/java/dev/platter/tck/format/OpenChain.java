package dev.platter.tck.format;

import static dev.platter.tck.format.FormatFixture.SECTOR_BYTES;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.ChainCommit;
import dev.platter.graph.FormatNode;
import dev.platter.graph.InternalSnapshots;
import dev.platter.graph.JobProgress;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A chain that is open in a graph of its own, as a running guest has it, and that can get overlays
 * meanwhile.
 */
final class OpenChain implements AutoCloseable {
  private final FormatFixture fixture;
  private final BiFunction<Integer, BlockNode, BlockNode> wrapper;
  private final MemoryProtocol protocol = new MemoryProtocol();
  private final List<MemoryNode> layers = new ArrayList<>();
  private int overlayCount;
  private final BlockGraph graph;
  private BlockBackend backend;

  private OpenChain(
      FormatFixture fixture,
      FormatImage image,
      boolean readOnly,
      BiFunction<Integer, BlockNode, BlockNode> wrapper)
      throws IOException {
    this.fixture = fixture;
    this.wrapper = wrapper;
    this.graph = FormatImage.graph(fixture, protocol);
    layers.add(image.file());
    FormatImage wrapped =
        image
            .wrapped(file -> wrapper.apply(0, file))
            .withDataWrapped(data -> wrapper.apply(1, data));
    this.backend = graph.openBackend(wrapped.spec(protocol, "layer", readOnly));
  }

  /**
   * Opens a chain for writing.
   *
   * @param image the top; with what lies below it
   * @param wrapper put around each file that is written: the image's, with the index 0, and those
   *     of overlays, counted from 1; an external data file has the index 1, and no overlays then
   */
  static OpenChain writable(
      FormatFixture fixture, FormatImage image, BiFunction<Integer, BlockNode, BlockNode> wrapper)
      throws IOException {
    return new OpenChain(fixture, image, false, wrapper);
  }

  /** Opens a chain to look at it. */
  static OpenChain readOnly(FormatFixture fixture, FormatImage image) throws IOException {
    return new OpenChain(fixture, image, true, (_, file) -> file);
  }

  /** The disk, through all overlays. */
  BlockNode node() {
    return backend;
  }

  /** The image's file and those of the overlays that are on it, from the image up. */
  List<MemoryNode> layers() {
    return List.copyOf(layers);
  }

  /** Performs a step. */
  void perform(CrashStep step) throws IOException {
    switch (step) {
      case CrashStep.Write(int sectorIndex, int count, int value) ->
          backend.write(offset(sectorIndex), bytes(count, value));
      case CrashStep.WriteCompressed(int sectorIndex, int count, int value) ->
          writeCompressed(offset(sectorIndex), bytes(count, value));
      case CrashStep.Zero(int sectorIndex, int count, ZeroMode mode) ->
          backend.writeZeroes(offset(sectorIndex), offset(count), mode);
      case CrashStep.Discard(int sectorIndex, int count) ->
          backend.discard(offset(sectorIndex), offset(count));
      case CrashStep.Flush() -> backend.flush();
      case CrashStep.Resize(int sectorCount, Preallocation preallocation) ->
          backend.resize(offset(sectorCount), preallocation);
      case CrashStep.Snapshot() -> snapshot();
      case CrashStep.Commit() -> commit();
      case CrashStep.CreateInternal(String name) ->
          internal().create(SnapshotRequest.ofDisk(name, Instant.EPOCH));
      case CrashStep.ApplyInternal(String name) -> internal().apply(idOf(name));
      case CrashStep.DeleteInternal(String name) -> internal().delete(idOf(name));
    }
  }

  private InternalSnapshots internal() throws IOException {
    if (layers.size() > 1) {
      throw new IllegalStateException("an overlay is on the image");
    }
    return InternalSnapshots.of(backend);
  }

  private String idOf(String name) throws IOException {
    return internal().list().stream()
        .filter(snapshot -> snapshot.name().equals(name))
        .map(SnapshotInfo::id)
        .findFirst()
        .orElseThrow(() -> new BlockIoException("image", "find " + name, Errno.ENOENT));
  }

  /** Goes back to each snapshot inside an image, and reads it; the image stays as it is. */
  static Map<String, byte[]> readSnapshots(FormatFixture fixture, FormatImage image)
      throws IOException {
    Map<String, byte[]> found = new HashMap<>();
    FormatImage copy = image.copy();
    try (OpenChain chain = writable(fixture, copy, (_, file) -> file)) {
      for (SnapshotInfo snapshot : chain.internal().list()) {
        chain.internal().apply(snapshot.id());
        found.put(snapshot.name(), SectorModel.read(chain.node()));
      }
    }
    fixture.checkImage(copy.file(), true);
    return found;
  }

  private static byte[] bytes(int sectorCount, int value) {
    byte[] bytes = new byte[sectorCount * SECTOR_BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private void writeCompressed(long offset, byte[] bytes) throws IOException {
    if (backend.compresses()) {
      try {
        backend.prepareCompressed(offset, MemorySegment.ofArray(bytes)).perform();
        return;
      } catch (BlockIoException e) {
        if (e.errno() != Errno.EIO || !allocated(offset, bytes.length)) {
          throw e;
        }
      }
    }
    backend.write(offset, bytes);
  }

  private boolean allocated(long offset, long length) throws IOException {
    boolean allocated = false;
    for (long at = offset; at < offset + length && !allocated; ) {
      Extent extent = backend.extent(at, offset + length - at);
      allocated = extent.present() && extent.depth() == 0;
      at += extent.length();
    }
    return allocated;
  }

  private static long offset(int sectorCount) {
    return (long) sectorCount * SECTOR_BYTES;
  }

  /** Creates an overlay and puts it on the running disk. */
  private void snapshot() throws IOException {
    int index = ++overlayCount;
    MemoryNode file = new MemoryNode("overlay" + index);
    try (BlockNode created = wrapper.apply(index, file.reopen())) {
      fixture.create(created, backend.size(), Optional.empty());
    }
    FormatImage overlay =
        new FormatImage(fixture, file).wrapped(opened -> wrapper.apply(index, opened));
    graph.snapshot(backend, overlay.spec(protocol, file.name(), false));
    layers.add(file);
  }

  /** Stops the disk, commits its top layer if it is an overlay, and starts it again. */
  private void commit() throws IOException {
    List<FormatNode> images =
        graph.chainOf(backend).stream()
            .filter(FormatNode.class::isInstance)
            .map(FormatNode.class::cast)
            .toList();
    Optional<NodeSpec> chain = Optional.empty();
    for (FormatNode image : images.subList(0, layers.size()).reversed()) {
      NodeSpec layer = image.spec();
      chain = Optional.of(chain.map(below -> layer.withChild("backing", below)).orElse(layer));
    }
    backend.close();
    if (layers.size() > 1) {
      FormatNode top = (FormatNode) graph.open(chain.orElseThrow());
      FormatNode base = (FormatNode) top.backing().orElseThrow();
      try (ChainCommit commit = ChainCommit.of(graph, top, base)) {
        commit.run(JobProgress.NONE);
        commit.emptyTop();
      }
    }
    backend = graph.openBackend(chain.orElseThrow());
  }

  @Override
  public void close() throws IOException {
    graph.close();
  }
}

package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open qcow2 image. */
final class Qcow2Format implements FormatDriver, CachedFormat {
  private final String imageName;
  private final BlockNode file;
  private final HeaderOnDisk header;
  private final L2Cache l2Cache;
  private final ClusterMap clusterMap;
  private final CompressedClusters compressedClusters;
  private final Optional<ImageWriter> writer;
  private final Optional<BlockClock.Timer> cleaning;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Opens an image whose header has been read and accepted. Reads nothing more.
   *
   * @param opening the file and how it is opened; borrowed
   */
  Qcow2Format(FormatOpening opening, Qcow2Header decoded, Qcow2Settings settings) {
    ImageFile image = new ImageFile(opening.file());
    ClusterGeometry geometry = decoded.geometry();
    this.imageName = opening.imageName();
    this.file = opening.file();
    this.header = new HeaderOnDisk(image, decoded);
    Corruption corruption =
        new Corruption(
            opening.imageName(), opening.readOnly(), header, opening.environment().events());
    L1Table l1Table = new L1Table(image, geometry, decoded.l1Table(), corruption);
    RefcountTable refcountTable = new RefcountTable(image, geometry, decoded.refcountTable());
    CacheSizes sizes = settings.caches();
    this.l2Cache = new L2Cache(image, l1Table, geometry, sizes.l2Bytes(), sizes.l2EntryBytes());
    OverlapCheck overlaps =
        new OverlapCheck(imageName, image, decoded, l1Table, refcountTable, corruption);
    this.clusterMap =
        new ClusterMap(decoded, opening.readOnly(), l1Table, l2Cache, overlaps, corruption);
    this.compressedClusters =
        new CompressedClusters(opening.imageName(), image, geometry.clusterBits());
    this.writer =
        opening.readOnly()
            ? Optional.empty()
            : Optional.of(
                new ImageWriter(
                    opening,
                    header,
                    settings,
                    corruption,
                    l1Table,
                    l2Cache,
                    refcountTable,
                    overlaps,
                    clusterMap,
                    compressedClusters));
    this.cleaning =
        settings.cleanInterval().isZero()
            ? Optional.empty()
            : Optional.of(
                opening.environment().clock().every(settings.cleanInterval(), this::clean));
  }

  @Override
  public long size() {
    return header.current().diskBytes();
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE.withClusterSize(allocationUnitBytes());
  }

  @Override
  public Optional<BackingReference> backing() {
    return header.current().backing();
  }

  @Override
  public BlockNode data() {
    return file;
  }

  @Override
  public long allocationUnitBytes() {
    return header.current().geometry().clusterBytes();
  }

  @Override
  public Mapping map(long guestOffset, long length) throws IOException {
    return clusterMap.map(guestOffset, length);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    compressedClusters.read(encoded.token(), guestOffset, dst);
  }

  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    return writer().allocate(guestOffset, length);
  }

  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    return writer().release(guestOffset, length, mode);
  }

  @Override
  public void flush() throws IOException {
    if (writer.isPresent()) {
      writer.get().flush();
    }
  }

  @Override
  public List<CacheStats> cacheStats() {
    List<CacheStats> stats = new ArrayList<>(List.of(l2Cache.stats()));
    writer.ifPresent(open -> stats.add(open.refcountStats()));
    return List.copyOf(stats);
  }

  @Override
  public void close() throws IOException {
    if (closed.getAndSet(true)) {
      return;
    }
    cleaning.ifPresent(BlockClock.Timer::close);
    try {
      if (writer.isPresent()) {
        writer.get().close();
      }
    } finally {
      compressedClusters.close();
    }
  }

  private ImageWriter writer() throws ReadOnlyNodeException {
    return writer.orElseThrow(() -> new ReadOnlyNodeException(imageName));
  }

  private void clean() {
    l2Cache.clean();
    writer.ifPresent(ImageWriter::clean);
  }
}

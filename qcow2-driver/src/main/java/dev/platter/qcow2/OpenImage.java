package dev.platter.qcow2;

import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.error.OptionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that is held of an image between its opening and its closing: the header as it is, caches,
 * and what maps and writes through them. What changes an image from the outside, such as a repair
 * or another size, closes this and opens it anew.
 *
 * <p>Threads: any number.
 */
final class OpenImage implements AutoCloseable {
  private final HeaderOnDisk header;
  private final ReservedClusters reserved;
  private final L2Cache l2Cache;
  private final CacheBudget.Share refcountShare;
  private final ClusterMap clusterMap;
  private final CodecPool codecs;
  private final CompressedClusters compressedClusters;
  private final Optional<ImageWriter> writer;
  private final Optional<BlockClock.Timer> cleaning;

  /**
   * Opens an image whose header has been read and accepted. Reads nothing more.
   *
   * @param opening the file and how it is opened; borrowed
   * @throws OptionException if the budget of all caches has no room for another image
   */
  OpenImage(ImageOpening opening, Qcow2Header decoded, Qcow2Settings settings)
      throws OptionException {
    String imageName = opening.imageName();
    ImageFile image = new ImageFile(opening.file());
    ClusterGeometry geometry = decoded.geometry();
    this.header = new HeaderOnDisk(image, decoded);
    this.reserved = new ReservedClusters(image, header);
    Corruption corruption = new Corruption(opening, header);
    L1Table l1Table = new L1Table(image, geometry, decoded.l1Table(), corruption);
    RefcountTable refcountTable = new RefcountTable(image, geometry, decoded.refcountTable());
    this.l2Cache = new L2Cache(image, l1Table, decoded, settings.caches(), settings.sliceForm());
    this.refcountShare = joinBudget(opening, geometry);
    OverlapCheck overlaps =
        new OverlapCheck(
            imageName, image, decoded, settings.overlapCheck(), l1Table, refcountTable, corruption);
    this.clusterMap =
        new ClusterMap(decoded, opening.readOnly(), l1Table, l2Cache, overlaps, corruption);
    this.codecs = new CodecPool(decoded.compressionType());
    this.compressedClusters =
        new CompressedClusters(
            imageName, image, geometry.clusterBits(), codecs, opening.environment().cacheBudget());
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
                    compressedClusters,
                    refcountShare));
    this.cleaning =
        settings.cleanInterval().isZero()
            ? Optional.empty()
            : Optional.of(
                opening.environment().clock().every(settings.cleanInterval(), this::clean));
  }

  /** The header as the image has it. */
  Qcow2Header header() {
    return header.current();
  }

  /** The header, for changes to its extensions. */
  HeaderOnDisk headerOnDisk() {
    return header;
  }

  ReservedClusters reserved() {
    return reserved;
  }

  ClusterMap clusterMap() {
    return clusterMap;
  }

  CompressedClusters compressedClusters() {
    return compressedClusters;
  }

  /** The codecs for its compressed clusters. */
  CodecPool codecs() {
    return codecs;
  }

  /** What changes the image; empty if it is open for reading only. */
  Optional<ImageWriter> writer() {
    return writer;
  }

  List<CacheStats> cacheStats() {
    List<CacheStats> stats = new ArrayList<>(List.of(l2Cache.stats()));
    writer.ifPresent(open -> stats.add(open.refcountStats()));
    return List.copyOf(stats);
  }

  /** Writes everything back, and frees what waits to be freed. Nobody uses the image any more. */
  @Override
  public void close() throws IOException {
    cleaning.ifPresent(BlockClock.Timer::close);
    try {
      if (writer.isPresent()) {
        writer.get().close();
      }
    } finally {
      compressedClusters.close();
      codecs.close();
      refcountShare.close();
      l2Cache.close();
    }
  }

  /**
   * Takes a share for the L2 cache, and one, which is returned, for two refcount blocks or more.
   */
  private CacheBudget.Share joinBudget(ImageOpening opening, ClusterGeometry geometry)
      throws OptionException {
    CacheBudget budget = opening.environment().cacheBudget();
    boolean writable = !opening.readOnly();
    l2Cache.join(opening.imageName(), budget, writable);
    long promisedBytes = writable ? 2L * geometry.clusterBytes() : 0;
    try {
      return CacheShares.join(opening.imageName(), budget, CacheShares.UNSHAKEABLE, promisedBytes);
    } catch (OptionException e) {
      l2Cache.close();
      throw e;
    }
  }

  private void clean() {
    l2Cache.clean();
    writer.ifPresent(ImageWriter::clean);
  }
}

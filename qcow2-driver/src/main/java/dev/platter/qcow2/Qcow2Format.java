package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CheckableFormat;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * An open qcow2 image.
 *
 * <p>A check and a change of size want the image to themselves: the graph has drained all requests.
 * They close what is held in memory, work on the file, and open it anew; the caches are empty
 * afterwards and count from zero.
 */
final class Qcow2Format
    implements FormatDriver, CachedFormat, CheckableFormat, ResizableFormat, DescribedFormat {
  private final FormatOpening opening;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile OpenImage image;

  /**
   * Opens an image whose header has been read and accepted. Reads nothing more.
   *
   * @param opening the file and how it is opened; borrowed
   */
  Qcow2Format(FormatOpening opening, Qcow2Header decoded, Qcow2Settings settings)
      throws IOException {
    this.opening = opening;
    this.image = new OpenImage(opening, decoded, settings);
  }

  @Override
  public long size() {
    return image.header().diskBytes();
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE.withClusterSize(allocationUnitBytes());
  }

  @Override
  public Optional<BackingReference> backing() {
    return image.header().backing();
  }

  @Override
  public BlockNode data() {
    return opening.file();
  }

  @Override
  public long allocationUnitBytes() {
    return image.header().geometry().clusterBytes();
  }

  @Override
  public boolean reservesAhead() throws IOException {
    return image.reserved().found();
  }

  @Override
  public Mapping map(long guestOffset, long length) throws IOException {
    return image.clusterMap().map(guestOffset, length);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    image.compressedClusters().read(encoded.token(), guestOffset, dst);
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
    Optional<ImageWriter> writer = image.writer();
    if (writer.isPresent()) {
      writer.get().flush();
    }
  }

  @Override
  public void settle() throws IOException {
    Optional<ImageWriter> writer = image.writer();
    if (writer.isPresent()) {
      writer.get().settle();
    }
  }

  @Override
  public List<CacheStats> cacheStats() {
    return image.cacheStats();
  }

  @Override
  public CacheAdvice cacheAdvice() {
    long l2CacheBytes =
        cacheStats().stream()
            .filter(cache -> cache.name().equals("l2"))
            .mapToLong(CacheStats::capacityBytes)
            .sum();
    return CoveringCaches.of(size(), image.header().geometry().clusterBytes()).advice(l2CacheBytes);
  }

  @Override
  public FormatDetails details() throws IOException {
    return ImageDetails.of(opening.imageName(), new ImageFile(opening.file()), image.header());
  }

  /**
   * {@inheritDoc}
   *
   * @throws ReadOnlyNodeException if something is to be mended in an image open for reading only
   */
  @Override
  public CheckReport check(Repair repair, Consumer<String> findings) throws IOException {
    if (repair != Repair.NONE) {
      writer();
    }
    flush(); // before anything is let go: what cannot be written now must stay in memory
    image.close();
    try {
      return Qcow2Checker.check(opening.imageName(), opening.file(), repair, findings);
    } finally {
      reopen();
    }
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    writer();
    flush(); // as in check
    image.close();
    try {
      new ImageResizer(opening).resize(newSize, preallocation);
    } finally {
      reopen();
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed.getAndSet(true)) {
      image.close();
    }
  }

  private void reopen() throws IOException {
    Qcow2Header header = HeaderCodec.decode(opening.imageName(), new ImageFile(opening.file()));
    image = new OpenImage(opening, header, Qcow2Settings.of(opening.options(), header));
  }

  private ImageWriter writer() throws ReadOnlyNodeException {
    return image.writer().orElseThrow(() -> new ReadOnlyNodeException(opening.imageName()));
  }
}

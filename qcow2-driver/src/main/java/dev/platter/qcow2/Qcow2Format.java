package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.AmendableFormat;
import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CheckableFormat;
import dev.platter.api.driver.CompactableFormat;
import dev.platter.api.driver.CompressingFormat;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.EmptiableFormat;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.RebasableFormat;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.driver.SnapshottableFormat;
import dev.platter.api.driver.VmStateFormat;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * An open qcow2 image.
 *
 * <p>A check, a change of size and what changes internal snapshots want the image to themselves:
 * the graph has drained all requests. They work on the file while {@link CurrentImage} holds
 * nothing of it; the caches are empty afterwards and count from zero.
 */
final class Qcow2Format
    implements FormatDriver,
        BitmapFormat,
        CachedFormat,
        CheckableFormat,
        AmendableFormat,
        CompactableFormat,
        RebasableFormat,
        EmptiableFormat,
        CompressingFormat,
        ResizableFormat,
        EncryptedFormat,
        DescribedFormat,
        SnapshottableFormat,
        VmStateFormat {
  private final ImageOpening opening;
  private final Optional<ImageEncryption> encryption;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CurrentImage current;

  /**
   * Opens an image whose header has been read and accepted. Reads nothing more, but for the bitmaps
   * of an image that is to be written, which are marked as in use.
   *
   * @param opening the file and how it is opened; borrowed
   * @param encryption the cipher of guest bytes, if they are encrypted; closed with this
   */
  Qcow2Format(
      ImageOpening opening,
      Qcow2Header decoded,
      Qcow2Settings settings,
      Optional<ImageEncryption> encryption)
      throws IOException {
    this.opening = opening;
    this.encryption = encryption;
    this.current = new CurrentImage(opening, decoded, settings);
  }

  @Override
  public long size() {
    return header().diskBytes();
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE
        .withClusterSize(allocationUnitBytes())
        .withZeroAlignment(mappingUnitBytes());
  }

  @Override
  public Optional<BackingReference> backing() {
    return header().backing();
  }

  @Override
  public BlockNode data() {
    return opening.guestData().node();
  }

  @Override
  public long allocationUnitBytes() {
    return header().geometry().clusterBytes();
  }

  @Override
  public long mappingUnitBytes() {
    return header().geometry().mappingUnitBytes();
  }

  @Override
  public boolean reservesAhead() throws IOException {
    return current.image().reserved().found();
  }

  @Override
  public Optional<DataCipher> dataCipher() {
    return encryption.map(DataCipher.class::cast);
  }

  @Override
  public Mapping map(long guestOffset, long length) throws IOException {
    return current.image().clusterMap().map(guestOffset, length);
  }

  @Override
  public long backingStart(long guestOffset, long leastOffset) throws IOException {
    return current.image().clusterMap().unallocatedStart(guestOffset, leastOffset);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    current.image().compressedClusters().read(encoded.token(), guestOffset, dst);
  }

  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    return writer().allocate(guestOffset, length);
  }

  @Override
  public boolean compresses() {
    Qcow2Header header = header();
    return header.cryptMethod() == Qcow2Header.CRYPT_NONE && !header.features().dataFile();
  }

  @Override
  public Optional<MemorySegment> compress(MemorySegment unit) throws IOException {
    return current.image().compressedClusters().compress(unit);
  }

  @Override
  public CompressedSpace allocateCompressed(long guestOffset, int byteCount) throws IOException {
    return writer().allocateCompressed(guestOffset, byteCount);
  }

  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    return writer().release(guestOffset, length, mode);
  }

  @Override
  public void flush() throws IOException {
    Optional<ImageWriter> writer = current.image().writer();
    if (writer.isPresent()) {
      writer.get().flush();
    }
  }

  @Override
  public void settle() throws IOException {
    current.settle();
  }

  @Override
  public List<CacheStats> cacheStats() {
    return current.cacheStats();
  }

  @Override
  public CacheAdvice cacheAdvice() {
    long l2CacheBytes =
        cacheStats().stream()
            .filter(cache -> cache.name().equals("l2"))
            .mapToLong(CacheStats::capacityBytes)
            .sum();
    return CoveringCaches.of(size(), header().geometry()).advice(l2CacheBytes);
  }

  @Override
  public FormatDetails details() throws IOException {
    return ImageDetails.of(opening.imageName(), new ImageFile(opening.file()), header());
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
    return current.apart(it -> Qcow2Checker.check(it.imageName(), it.file(), repair, findings));
  }

  @Override
  public void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    writer();
    current.bitmaps().requireResizable(newSize);
    changeFile(
        it -> new ImageResizer(it).resize(newSize, preallocation, grown -> zero(growth, grown)));
  }

  /** Opens the image as if it had grown, until the growth is zeroed and durable. */
  private void zero(Growth growth, Qcow2Header grown) throws IOException {
    try (Closeable _ = current.as(grown)) {
      growth.zero();
    }
  }

  @Override
  public void amend(Amendment amendment, Growth growth) throws IOException {
    writer();
    Optional<Long> size = amendment.options().given(Qcow2AmendOptions.SIZE);
    if (size.isPresent() && size.get() != 0) {
      current.bitmaps().requireResizable(size.get());
    }
    changeFile(it -> new ImageAmender(it, amendment, grown -> zero(growth, grown)).amend());
  }

  @Override
  public Relayout compact(Progress progress) throws IOException {
    return relayout(layout -> layout.compact(progress));
  }

  @Override
  public Relayout defragment(long spareBytes, Progress progress) throws IOException {
    return relayout(layout -> layout.defragment(spareBytes, progress));
  }

  private Relayout relayout(CurrentImage.Work<ImageRelayout, Relayout> work) throws IOException {
    writer();
    return current.apartWithBitmaps(it -> new ImageRelayout(it, encryption), work);
  }

  @Override
  public void setBacking(Optional<BackingReference> backing) throws IOException {
    changeFile(it -> BackingChange.write(it, backing));
  }

  @Override
  public void empty() throws IOException {
    changeFile(it -> new ImageResizer(it).empty());
  }

  /** What is done to the file while nothing is held in memory. */
  @FunctionalInterface
  private interface ChangeOfFile {
    void make(ImageOpening opening) throws IOException;
  }

  private void changeFile(ChangeOfFile change) throws IOException {
    writer();
    current.apart(
        it -> {
          change.make(it);
          return it;
        });
  }

  @Override
  public boolean keepsBitmaps() {
    return header().version() >= 3;
  }

  @Override
  public List<BitmapInfo> bitmaps() throws IOException {
    return current.bitmaps().list(current.image().header());
  }

  @Override
  public void addBitmap(String name, long granularityBytes, boolean enabled) throws IOException {
    current.bitmaps().add(name, granularityBytes, enabled);
  }

  @Override
  public void removeBitmap(String name) throws IOException {
    current.bitmaps().remove(name);
  }

  @Override
  public void clearBitmap(String name) throws IOException {
    current.bitmaps().clear(name);
  }

  @Override
  public void enableBitmap(String name, boolean enabled) throws IOException {
    current.bitmaps().enable(name, enabled);
  }

  @Override
  public void mergeBitmap(String name, BitmapFormat source, String sourceName) throws IOException {
    current.bitmaps().merge(name, source, sourceName);
  }

  @Override
  public void forEachDirty(String name, DirtyRange ranges) throws IOException {
    current.bitmaps().forEachDirty(current.image().header(), name, ranges);
  }

  @Override
  public long bitmapDiskBytes() {
    return current.bitmaps().diskBytes();
  }

  @Override
  public void markDirty(long guestOffset, long length) {
    current.bitmaps().markDirty(guestOffset, length);
  }

  @Override
  public List<SnapshotInfo> snapshots() throws IOException {
    Qcow2Header header = header();
    SnapshotTable table =
        SnapshotTable.read(opening.imageName(), new ImageFile(opening.file()), header);
    return table.snapshots().stream().map(each -> each.info(header.diskBytes())).toList();
  }

  @Override
  public SnapshotInfo createSnapshot(SnapshotRequest request) throws IOException {
    return changeSnapshots(change -> change.create(request));
  }

  @Override
  public void applySnapshot(String id) throws IOException {
    if (!bitmaps().isEmpty()) { // nobody would know which of the disk's bytes change
      throw new BlockIoException(
          opening.imageName(), "apply a snapshot beside dirty bitmaps", Errno.EBUSY);
    }
    changeSnapshots(change -> change.apply(id));
  }

  @Override
  public void deleteSnapshot(String id) throws IOException {
    changeSnapshots(change -> change.delete(id));
  }

  @Override
  public VmStateArea vmState() {
    return new VmStateClusters(this);
  }

  /** Makes room behind the disk, as {@link SnapshotChange#growL1Table}. */
  void growL1Table(int entryCount) throws IOException {
    changeSnapshots(change -> change.growL1Table(entryCount));
  }

  /** The header as it is now: a change of the image as a whole replaces it. */
  Qcow2Header header() {
    return current.header();
  }

  private <T> T changeSnapshots(CurrentImage.Work<SnapshotChange, T> work) throws IOException {
    writer();
    if (header().features().dataFile()) { // its clusters are not counted, nor copied on write
      throw new BlockIoException(
          opening.imageName(), "keep a snapshot of an external data file", Errno.ENOTSUP);
    }
    return current.apart(SnapshotChange::new, work);
  }

  @Override
  public void close() throws IOException {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      current.close();
    } finally {
      encryption.ifPresent(ImageEncryption::close);
    }
  }

  private ImageWriter writer() throws IOException {
    return current.writer();
  }
}

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
 * the graph has drained all requests. They close what is held in memory, work on the file, and open
 * it anew; the caches are empty afterwards and count from zero.
 *
 * <ul>
 *   <li>I1. What is held in memory is used only while it agrees with the file: from the moment it
 *       is closed until the file has been opened anew, and for good if that fails, every request is
 *       refused. Old tables would take clusters for free that the file has put to use.
 * </ul>
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
  private volatile OpenImage image;
  private volatile boolean usable = true;
  private volatile PersistentBitmaps bitmaps;

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
    this.image = new OpenImage(opening, SnapshotView.of(opening, decoded), settings);
    this.bitmaps = new PersistentBitmaps(opening, decoded);
    if (image.writer().isPresent()) {
      useBitmaps(image.writer().get());
    }
  }

  private void useBitmaps(ImageWriter writer) throws IOException {
    try {
      bitmaps.use(image, writer);
    } catch (IOException e) {
      usable = false;
      try {
        image.close();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  @Override
  public long size() {
    return image.header().diskBytes();
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE
        .withClusterSize(allocationUnitBytes())
        .withZeroAlignment(mappingUnitBytes());
  }

  @Override
  public Optional<BackingReference> backing() {
    return image.header().backing();
  }

  @Override
  public BlockNode data() {
    return opening.guestData().node();
  }

  @Override
  public long allocationUnitBytes() {
    return image.header().geometry().clusterBytes();
  }

  @Override
  public long mappingUnitBytes() {
    return image.header().geometry().mappingUnitBytes();
  }

  @Override
  public boolean reservesAhead() throws IOException {
    return usableImage().reserved().found();
  }

  @Override
  public Optional<DataCipher> dataCipher() {
    return encryption.map(DataCipher.class::cast);
  }

  @Override
  public Mapping map(long guestOffset, long length) throws IOException {
    return usableImage().clusterMap().map(guestOffset, length);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    usableImage().compressedClusters().read(encoded.token(), guestOffset, dst);
  }

  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    return writer().allocate(guestOffset, length);
  }

  @Override
  public boolean compresses() {
    Qcow2Header header = image.header();
    return header.cryptMethod() == Qcow2Header.CRYPT_NONE && !header.features().dataFile();
  }

  @Override
  public Optional<MemorySegment> compress(MemorySegment unit) throws IOException {
    return usableImage().compressedClusters().compress(unit);
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
    Optional<ImageWriter> writer = usableImage().writer();
    if (writer.isPresent()) {
      writer.get().flush();
    }
  }

  @Override
  public void settle() throws IOException {
    Optional<ImageWriter> writer = usableImage().writer();
    if (writer.isPresent()) {
      writer.get().settle();
      bitmaps.store(image, writer.get());
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
    return CoveringCaches.of(size(), image.header().geometry()).advice(l2CacheBytes);
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
    letGo();
    try (Closeable _ = this::reopen) {
      return Qcow2Checker.check(opening.imageName(), opening.file(), repair, findings);
    }
  }

  @Override
  public void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    writer();
    bitmaps.requireResizable(newSize);
    changeFile(
        () ->
            new ImageResizer(opening).resize(newSize, preallocation, grown -> zero(growth, grown)));
  }

  /** Opens the image as if it had grown, until the growth is zeroed and durable. */
  private void zero(Growth growth, Qcow2Header grown) throws IOException {
    open(grown);
    try (Closeable _ = this::letGo) {
      growth.zero();
    }
  }

  @Override
  public void amend(Amendment amendment) throws IOException {
    writer();
    Optional<Long> size = amendment.options().given(Qcow2AmendOptions.SIZE);
    if (size.isPresent() && size.get() != 0) {
      bitmaps.requireResizable(size.get());
    }
    changeFile(() -> new ImageAmender(opening, amendment).amend());
  }

  @Override
  public Relayout compact(Progress progress) throws IOException {
    return relayout(layout -> layout.compact(progress));
  }

  @Override
  public Relayout defragment(long spareBytes, Progress progress) throws IOException {
    return relayout(layout -> layout.defragment(spareBytes, progress));
  }

  /** What is done to the layout while nothing is held in memory. */
  @FunctionalInterface
  private interface ChangeOfLayout {
    Relayout make(ImageRelayout layout) throws IOException;
  }

  private Relayout relayout(ChangeOfLayout wanted) throws IOException {
    bitmaps.store(usableImage(), writer()); // they move, and what is in use is not believed
    letGo();
    ImageRelayout layout = new ImageRelayout(opening, encryption);
    try {
      return wanted.make(layout);
    } finally {
      if (!layout.uncertain()) {
        reopen();
        bitmaps = new PersistentBitmaps(opening, image.header());
        useBitmaps(writer());
      }
    }
  }

  @Override
  public void setBacking(Optional<BackingReference> backing) throws IOException {
    changeFile(() -> BackingChange.write(opening, backing));
  }

  @Override
  public void empty() throws IOException {
    changeFile(() -> new ImageResizer(opening).empty());
  }

  /** What is done to the file while nothing is held in memory. */
  @FunctionalInterface
  private interface ChangeOfFile {
    void make() throws IOException;
  }

  private void changeFile(ChangeOfFile change) throws IOException {
    writer();
    letGo();
    try (Closeable _ = this::reopen) {
      change.make();
    }
  }

  @Override
  public boolean keepsBitmaps() {
    return image.header().version() >= 3;
  }

  @Override
  public List<BitmapInfo> bitmaps() throws IOException {
    return bitmaps.list(usableImage().header());
  }

  @Override
  public void addBitmap(String name, long granularityBytes, boolean enabled) throws IOException {
    bitmaps.add(name, granularityBytes, enabled);
  }

  @Override
  public void removeBitmap(String name) throws IOException {
    bitmaps.remove(name);
  }

  @Override
  public void clearBitmap(String name) throws IOException {
    bitmaps.clear(name);
  }

  @Override
  public void enableBitmap(String name, boolean enabled) throws IOException {
    bitmaps.enable(name, enabled);
  }

  @Override
  public void mergeBitmap(String name, BitmapFormat source, String sourceName) throws IOException {
    bitmaps.merge(name, source, sourceName);
  }

  @Override
  public void forEachDirty(String name, DirtyRange ranges) throws IOException {
    bitmaps.forEachDirty(usableImage().header(), name, ranges);
  }

  @Override
  public long bitmapDiskBytes() {
    return bitmaps.diskBytes();
  }

  @Override
  public void markDirty(long guestOffset, long length) {
    bitmaps.markDirty(guestOffset, length);
  }

  @Override
  public List<SnapshotInfo> snapshots() throws IOException {
    Qcow2Header header = image.header();
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
    return image.header();
  }

  /** What is done to the snapshots while nothing is held in memory. */
  @FunctionalInterface
  private interface ChangeOfSnapshots<T> {
    T make(SnapshotChange change) throws IOException;
  }

  private <T> T changeSnapshots(ChangeOfSnapshots<T> wanted) throws IOException {
    writer();
    if (image.header().features().dataFile()) { // its clusters are not counted, nor copied on write
      throw new BlockIoException(
          opening.imageName(), "keep a snapshot of an external data file", Errno.ENOTSUP);
    }
    letGo();
    Optional<SnapshotChange> begun = Optional.empty();
    try {
      SnapshotChange change = new SnapshotChange(opening);
      begun = Optional.of(change);
      return wanted.make(change);
    } finally {
      if (!begun.map(SnapshotChange::uncertain).orElse(false)) {
        reopen();
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      if (usable) {
        storeAndClose();
      }
    } finally {
      encryption.ifPresent(ImageEncryption::close);
    }
  }

  private void storeAndClose() throws IOException {
    try (OpenImage open = image) {
      if (open.writer().isPresent()) {
        bitmaps.store(open, open.writer().get());
      }
    }
  }

  /**
   * Closes what is held in memory, but for the bitmaps, which stay in use; nothing is let go of if
   * it cannot be written.
   */
  private void letGo() throws IOException {
    Optional<ImageWriter> writer = usableImage().writer();
    if (writer.isPresent()) {
      writer.get().settle();
    }
    usable = false; // I1
    image.close();
  }

  private void reopen() throws IOException {
    Qcow2Header decoded = HeaderCodec.decode(opening.imageName(), new ImageFile(opening.file()));
    open(SnapshotView.of(opening, decoded));
  }

  private void open(Qcow2Header header) throws IOException {
    image = new OpenImage(opening, header, Qcow2Settings.of(opening.options(), header));
    bitmaps.resized(header.diskBytes());
    usable = true;
  }

  private OpenImage usableImage() throws BlockIoException {
    if (!usable) {
      throw new BlockIoException(
          opening.imageName(),
          "the image could not be read again after a check or a change as a whole, and must be"
              + " opened again",
          Errno.EIO);
    }
    return image;
  }

  private ImageWriter writer() throws IOException {
    return usableImage().writer().orElseThrow(() -> new ReadOnlyNodeException(opening.imageName()));
  }
}

package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import dev.platter.qcow2.ClusterAllocator.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes bitmaps to the image.
 *
 * <ul>
 *   <li>I1. While bitmaps may differ from what the image holds of them, the image says that they
 *       are in use, durably: a power cut leaves bitmaps that are not believed.
 *   <li>I2. (R1, R2) Bits, tables and a directory go to clusters that nothing names; they and their
 *       refcounts are durable before the header leads to them.
 *   <li>I3. (R4) What the header no longer leads to is let go of after that is durable.
 *   <li>I4. (R10) If anything fails before the header changes, the new clusters are given back.
 *   <li>I5. Only flags change in place. Each lies within a sector, and is right by itself.
 * </ul>
 *
 * <p>Nobody changes the image meanwhile.
 */
final class BitmapStore {
  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final OpenImage image;
  private final ImageWriter writer;
  private final List<Run> fresh = new ArrayList<>();
  private final List<Run> old = new ArrayList<>();

  BitmapStore(String imageName, ImageFile file, OpenImage image, ImageWriter writer) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = image.header().geometry();
    this.image = image;
    this.writer = writer;
  }

  /** Says in the image, durably, that its bitmaps are in use (I1). */
  void markInUse() throws IOException {
    Optional<HeaderExtension.Bitmaps> where =
        image.header().extension(HeaderExtension.Bitmaps.class);
    if (where.isPresent()) {
      List<StoredBitmap> marked = new ArrayList<>();
      List<StoredBitmap> bitmaps = StoredBitmap.readAll(imageName, file, geometry, where.get());
      bitmaps.forEach(one -> marked.add(one.withFlags(one.flags() | StoredBitmap.IN_USE)));
      if (!marked.equals(bitmaps)) {
        writeInPlace(where.get(), marked);
      }
    }
  }

  /**
   * Has the image hold these bitmaps, and no others, durably; none of them is in use.
   *
   * @param removed what the image holds beside them, and is to be let go of
   */
  void store(List<TrackedBitmap> bitmaps, List<StoredBitmap> removed, long diskBytes)
      throws IOException {
    writer.settle();
    Optional<HeaderExtension.Bitmaps> where =
        image.header().extension(HeaderExtension.Bitmaps.class);
    List<StoredBitmap> entries;
    try {
      for (StoredBitmap one : removed) {
        dropAll(one);
      }
      entries = entries(bitmaps, diskBytes);
      if (where.isPresent() && samePlaces(where.get(), entries)) {
        writeInPlace(where.get(), entries);
      } else {
        moveDirectory(where, entries);
      }
    } catch (IOException e) {
      fresh.forEach(writer::giveBack); // I4
      throw e;
    }
    old.forEach(writer::letGo); // I3
    for (int i = 0; i < entries.size(); i++) {
      bitmaps.get(i).settled(entries.get(i), diskBytes);
    }
  }

  private List<StoredBitmap> entries(List<TrackedBitmap> bitmaps, long diskBytes)
      throws IOException {
    List<StoredBitmap> entries = new ArrayList<>();
    for (TrackedBitmap bitmap : bitmaps) {
      entries.add(
          bitmap.bitsChanged()
              ? writeBits(bitmap, diskBytes)
              : bitmap.stored().orElseThrow().withFlags(bitmap.flags()));
    }
    return entries;
  }

  /** Whether the directory stays as it is but for flags. */
  private boolean samePlaces(HeaderExtension.Bitmaps where, List<StoredBitmap> entries)
      throws IOException {
    List<StoredBitmap> present = StoredBitmap.readAll(imageName, file, geometry, where);
    return present.stream()
        .map(one -> one.withFlags(0))
        .toList()
        .equals(entries.stream().map(one -> one.withFlags(0)).toList());
  }

  /** Puts what a bitmap is now into new clusters, but for those that it keeps. */
  private StoredBitmap writeBits(TrackedBitmap bitmap, long diskBytes) throws IOException {
    long bits = bitmap.bitCount(diskBytes);
    int count = (int) Math.ceilDiv(bits, BitmapBits.bitsPerCluster(geometry));
    Optional<BitmapBits> before = stored(bitmap);
    ByteBuffer table = ByteBuffer.allocate((int) geometry.alignUp((long) count * Long.BYTES));
    for (int i = 0; i < count; i++) {
      table.putLong(entry(bitmap, before, i));
    }
    if (before.isPresent()) {
      for (int i = count; i < before.get().entryCount(); i++) {
        drop(before.get().clusterOffset(i), 1);
      }
      StoredBitmap stored = bitmap.stored().orElseThrow();
      drop(stored.tableOffset(), tableClusters(stored.tableEntryCount()));
    }
    Run run = reserve("bitmap table", tableClusters(count));
    file.write(geometry.clusterOffset(run.firstCluster()), table.clear());
    return new StoredBitmap(
        geometry.clusterOffset(run.firstCluster()),
        count,
        bitmap.flags(),
        bitmap.granularityBits(),
        bitmap.name());
  }

  private Optional<BitmapBits> stored(TrackedBitmap bitmap) throws IOException {
    return bitmap.stored().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new BitmapBits(
                imageName, file, geometry, bitmap.stored().get(), bitmap.storedBitCount()));
  }

  /** The entry for a cluster of bits: the old one, if they are as they were. */
  private long entry(TrackedBitmap bitmap, Optional<BitmapBits> before, int index)
      throws IOException {
    long perCluster = BitmapBits.bitsPerCluster(geometry);
    long first = index * perCluster;
    long oldEntry = before.isPresent() ? before.get().entry(index) : 0;
    long end = first + perCluster;
    boolean added = bitmap.dirty().nextSet(first, end) < end;
    boolean cut = oldEntry != 0 && bitmap.reshaped() && bitmap.storedBitCount() < end;
    if (!added && !cut) {
      return oldEntry;
    }
    byte[] bits = new byte[geometry.clusterBytes()];
    if (before.isPresent()) {
      before.get().read(index, bits);
      drop(before.get().clusterOffset(index), 1);
    }
    bitmap.dirty().addTo(first, bits);
    if (allZero(bits)) {
      return 0;
    }
    Run run = reserve("bitmap data", 1);
    file.write(geometry.clusterOffset(run.firstCluster()), ByteBuffer.wrap(bits));
    return geometry.clusterOffset(run.firstCluster());
  }

  private static boolean allZero(byte[] bits) {
    for (byte eight : bits) {
      if (eight != 0) {
        return false;
      }
    }
    return true;
  }

  private void moveDirectory(Optional<HeaderExtension.Bitmaps> where, List<StoredBitmap> entries)
      throws IOException {
    Optional<HeaderExtension.Bitmaps> moved =
        entries.isEmpty() ? Optional.empty() : Optional.of(writeDirectory(entries));
    HeaderCodec.encode(imageName, leadingTo(moved)); // fails if the header has no room
    writer.settle(); // I2
    fresh.clear(); // the header may lead to them from here on
    HeaderRewrite.write(imageName, file, leadingTo(moved));
    image.headerOnDisk().reload(imageName);
    if (moved.isPresent()) {
      writer.directoryAt(clusters(moved.get()), true);
    }
    if (where.isPresent()) {
      writer.directoryAt(clusters(where.get()), false);
      drop(where.get().directoryOffset(), clusters(where.get()).clusterCount());
    }
  }

  /** The header with another directory, or none. */
  private Qcow2Header leadingTo(Optional<HeaderExtension.Bitmaps> moved) {
    Qcow2Header header = image.header();
    List<HeaderExtension> extensions = new ArrayList<>(header.extensions());
    extensions.removeIf(extension -> extension.type() == HeaderExtension.BITMAPS);
    moved.ifPresent(extensions::add);
    long others = header.features().autoclear() & ~FeatureBits.BITMAPS;
    return header
        .withExtensions(extensions)
        .withFeatures(
            header
                .features()
                .withAutoclear(moved.isPresent() ? others | FeatureBits.BITMAPS : others));
  }

  private HeaderExtension.Bitmaps writeDirectory(List<StoredBitmap> entries) throws IOException {
    ByteBuffer directory = StoredBitmap.directory(entries);
    int bytes = directory.remaining();
    Run run = reserve("bitmap directory", (int) geometry.clusterCount(bytes));
    long offset = geometry.clusterOffset(run.firstCluster());
    file.write(offset, ByteBuffer.allocate((int) geometry.alignUp(bytes)).put(directory).clear());
    return new HeaderExtension.Bitmaps(entries.size(), bytes, offset);
  }

  private Run clusters(HeaderExtension.Bitmaps where) {
    return new Run(
        geometry.clusterIndex(where.directoryOffset()),
        (int) geometry.clusterCount(where.directoryBytes()));
  }

  /** Lets go of a bitmap; what cannot be read of it is left as a leak. */
  private void dropAll(StoredBitmap bitmap) throws IOException {
    BitmapBits bits;
    try {
      bits = new BitmapBits(imageName, file, geometry, bitmap, 0);
    } catch (CorruptImageException e) {
      return;
    }
    for (int i = 0; i < bits.entryCount(); i++) {
      drop(bits.clusterOffset(i), 1);
    }
    drop(bitmap.tableOffset(), tableClusters(bitmap.tableEntryCount()));
  }

  private void writeInPlace(HeaderExtension.Bitmaps where, List<StoredBitmap> entries)
      throws IOException {
    writer.requireDirectoryClear(clusters(where));
    file.write(where.directoryOffset(), StoredBitmap.directory(entries)); // I5
    file.node().flush();
  }

  private int tableClusters(int entryCount) {
    return (int) geometry.clusterCount((long) entryCount * Long.BYTES);
  }

  private Run reserve(String purpose, int clusterCount) throws IOException {
    Run run = writer.reserveTogether(purpose, clusterCount);
    fresh.add(run);
    return run;
  }

  private void drop(long offset, int clusterCount) {
    if (offset != 0) {
      old.add(new Run(geometry.clusterIndex(offset), clusterCount));
    }
  }
}

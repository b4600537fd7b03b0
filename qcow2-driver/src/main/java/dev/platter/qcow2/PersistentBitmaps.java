package dev.platter.qcow2;

import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.driver.BitmapFormat.BitmapInfo;
import dev.platter.api.driver.BitmapFormat.DirtyRange;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.OptionProblem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The bitmaps of an open image.
 *
 * <ul>
 *   <li>I1. From before the image's first change until it is closed or settled, the image says of
 *       all its bitmaps that they are in use; so a power cut leaves none that could be wrong.
 *   <li>I2. A bitmap that was in use when the image was opened is inconsistent for good, and stays
 *       in the image until it is removed.
 *   <li>I3. A change is marked before it is made, and again when it is over, for bitmaps that were
 *       added, enabled or cleared meanwhile. Failing then, it was marked all the same: a bitmap may
 *       say more than has changed, never less.
 *   <li>I4. An image that is open for reading only is not changed; its bitmaps are read when
 *       somebody asks for them.
 * </ul>
 *
 * <p>Threads: any number; {@link #markDirty} takes no lock.
 */
final class PersistentBitmaps {
  /** What all bitmaps of an image together may come to in memory. */
  private static final long MAXIMUM_TRACKED_BYTES = 4L << 30;

  private final String imageName;
  private final String nodeName;
  private final boolean readOnly;
  private final ImageFile file;
  private final BitmapRules rules;
  private final List<TrackedBitmap> bitmaps = new ArrayList<>();
  private final List<StoredBitmap> removed = new ArrayList<>();
  private long diskBytes;
  private boolean loaded;
  private boolean inUse;
  private volatile List<TrackedBitmap> recording = List.of();

  PersistentBitmaps(FormatOpening opening, Qcow2Header header) {
    this.imageName = opening.imageName();
    this.nodeName = opening.nodeName();
    this.readOnly = opening.readOnly();
    this.file = new ImageFile(opening.file());
    this.rules = new BitmapRules(nodeName, header);
    this.diskBytes = header.diskBytes();
  }

  /** Reads the image's bitmaps, and says in the image that they are in use (I1). */
  synchronized void use(OpenImage image, ImageWriter writer) throws IOException {
    load(image.header());
    if (!bitmaps.isEmpty()) {
      new BitmapStore(imageName, file, image, writer).markInUse();
    }
    inUse = true;
    chooseRecording();
  }

  /** Writes everything back; no bitmap is in use afterwards, and none is marked any more. */
  synchronized void store(OpenImage image, ImageWriter writer) throws IOException {
    if (!inUse) {
      return;
    }
    boolean any = !removed.isEmpty() || bitmaps.stream().anyMatch(TrackedBitmap::consistent);
    if (any) {
      new BitmapStore(imageName, file, image, writer).store(bitmaps, removed, diskBytes);
      removed.clear();
    }
    inUse = false;
    recording = List.of();
  }

  /** Notes a change (I3). */
  void markDirty(long guestOffset, long length) {
    List<TrackedBitmap> enabled = recording;
    if (!enabled.isEmpty() && length > 0) {
      enabled.forEach(bitmap -> bitmap.mark(guestOffset, length));
    }
  }

  synchronized List<BitmapInfo> list(Qcow2Header header) throws IOException {
    load(header);
    return bitmaps.stream()
        .map(
            one ->
                new BitmapInfo(
                    one.name(), 1L << one.granularityBits(), one.enabled(), one.consistent()))
        .toList();
  }

  synchronized void add(String name, long granularityBytes, boolean enabled) throws IOException {
    requireWritable();
    int granularityBits = BitmapRules.granularityBits(granularityBytes);
    rules.requireStorable(
        name, granularityBits, diskBytes, bitmaps.stream().map(TrackedBitmap::name).toList());
    bitmaps.add(TrackedBitmap.added(name, granularityBits, enabled, diskBytes));
    chooseRecording();
  }

  synchronized void remove(String name) throws IOException {
    requireWritable();
    TrackedBitmap bitmap = find(name);
    bitmap.stored().ifPresent(removed::add);
    bitmaps.remove(bitmap);
    chooseRecording();
  }

  synchronized void clear(String name) throws IOException {
    requireWritable();
    usable(name).clear(diskBytes);
  }

  synchronized void enable(String name, boolean enabled) throws IOException {
    requireWritable();
    usable(name).enable(enabled);
    chooseRecording();
  }

  /** Marks in one bitmap what another says has changed. */
  void merge(String name, BitmapFormat source, String sourceName) throws IOException {
    TrackedBitmap target;
    long targetDiskBytes;
    synchronized (this) {
      requireWritable();
      target = usable(name);
      targetDiskBytes = diskBytes;
    }
    if (source.bitmapDiskBytes() != targetDiskBytes) {
      source.forEachDirty(sourceName, (_, _) -> {}); // a bitmap that is missing is said first
      throw refused(
          ("Bitmaps are of different sizes (destination size is %d, source size is %d) and"
                  + " can't be merged")
              .formatted(targetDiskBytes, source.bitmapDiskBytes()));
    }
    source.forEachDirty(sourceName, target::mark);
  }

  /** Names the ranges that are dirty, joined where they meet. */
  void forEachDirty(Qcow2Header header, String name, DirtyRange ranges) throws IOException {
    TrackedBitmap bitmap;
    DirtyBits dirty;
    Optional<BitmapBits> stored;
    long bytes;
    synchronized (this) {
      load(header);
      bitmap = usable(name);
      dirty = bitmap.dirty();
      bytes = diskBytes;
      stored = Optional.empty();
      if (bitmap.stored().isPresent() && bitmap.storedBitCount() > 0) {
        stored =
            Optional.of(
                new BitmapBits(
                    imageName,
                    file,
                    header.geometry(),
                    bitmap.stored().get(),
                    bitmap.storedBitCount()));
      }
    }
    new DirtyWalk(header.geometry(), bitmap.granularityBits(), bytes, stored, dirty).run(ranges);
  }

  /** Lets a disk get another size by returning. */
  synchronized void requireResizable(long newBytes) throws OptionException {
    for (TrackedBitmap bitmap : bitmaps) {
      usable(bitmap.name());
      rules.requireFits(bitmap.granularityBits(), newBytes);
    }
  }

  /** Says that the disk has another size. */
  synchronized void resized(long newBytes) {
    if (newBytes != diskBytes) {
      diskBytes = newBytes;
      bitmaps.stream().filter(TrackedBitmap::consistent).forEach(bitmap -> bitmap.resize(newBytes));
    }
  }

  synchronized long diskBytes() {
    return diskBytes;
  }

  private void load(Qcow2Header header) throws IOException {
    Optional<HeaderExtension.Bitmaps> where = header.extension(HeaderExtension.Bitmaps.class);
    if (loaded || where.isEmpty()) {
      loaded = true;
      return;
    }
    Set<String> names = new HashSet<>();
    long bytes = 0;
    List<TrackedBitmap> found = new ArrayList<>();
    for (StoredBitmap stored :
        StoredBitmap.readAll(imageName, file, header.geometry(), where.get())) {
      if (stored.misfits(header.geometry(), diskBytes)) {
        throw new CorruptImageException(
            imageName, "Bitmap '%s' doesn't satisfy the constraints".formatted(stored.name()));
      }
      if (!names.add(stored.name())) {
        throw new CorruptImageException(imageName, "Bitmap already exists: " + stored.name());
      }
      found.add(TrackedBitmap.of(stored, diskBytes));
      bytes += found.getLast().dirty().memoryBytes();
      if (bytes > MAXIMUM_TRACKED_BYTES) {
        throw new CorruptImageException(imageName, "Too much space is occupied by bitmaps");
      }
    }
    bitmaps.addAll(found);
    loaded = true;
  }

  private void chooseRecording() {
    recording = bitmaps.stream().filter(bitmap -> bitmap.enabled() && bitmap.consistent()).toList();
  }

  private TrackedBitmap find(String name) throws OptionException {
    return bitmaps.stream()
        .filter(bitmap -> bitmap.name().equals(name))
        .findFirst()
        .orElseThrow(() -> refused("Dirty bitmap '%s' not found".formatted(name)));
  }

  private TrackedBitmap usable(String name) throws OptionException {
    TrackedBitmap bitmap = find(name);
    if (!bitmap.consistent()) {
      throw refused("Bitmap '%s' is inconsistent and cannot be used".formatted(name));
    }
    return bitmap;
  }

  private void requireWritable() throws ReadOnlyNodeException {
    if (readOnly || !inUse) {
      throw new ReadOnlyNodeException(nodeName);
    }
  }

  private static OptionException refused(String message) {
    return new OptionException(OptionProblem.of("bitmap", message));
  }
}

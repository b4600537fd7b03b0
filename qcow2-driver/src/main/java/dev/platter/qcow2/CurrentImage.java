package dev.platter.qcow2;

import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What is held of an image in memory, and changes of its file while nothing is.
 *
 * <ul>
 *   <li>I1. What is held in memory is used only while it agrees with the file: from the moment it
 *       is closed until the file has been opened anew, and for good if that fails, every request is
 *       refused. Old tables would take clusters for free that the file has put to use.
 *   <li>I2. Bitmaps stay in use while the file changes, but for changes that move them: these find
 *       them stored.
 * </ul>
 *
 * <p>Threads: any number; changes of the file one at a time, when no request is in progress.
 */
final class CurrentImage {
  private final ImageOpening opening;
  private volatile OpenImage image;
  private volatile boolean usable = true;
  private volatile PersistentBitmaps bitmaps;

  /** A change of the file that may leave it unknown what the file holds. */
  interface UncertainChange {
    /** Whether the image must be opened again before anything is believed of it. */
    boolean uncertain();
  }

  /** Begins a change of the file. */
  @FunctionalInterface
  interface Beginning<C> {
    C begin(ImageOpening opening) throws IOException;
  }

  /** What is done by a change that has begun. */
  @FunctionalInterface
  interface Work<C, T> {
    T with(C change) throws IOException;
  }

  /** Holds an image, and says in it that its bitmaps are in use if it is to be written. */
  CurrentImage(ImageOpening opening, Qcow2Header decoded, Qcow2Settings settings)
      throws IOException {
    this.opening = opening;
    this.image = new OpenImage(opening, SnapshotView.of(opening, decoded), settings);
    useBitmaps(decoded);
  }

  private void useBitmaps(Qcow2Header header) throws IOException {
    bitmaps = new PersistentBitmaps(opening, header);
    if (image.writer().isEmpty()) {
      return;
    }
    try {
      bitmaps.use(image, image.writer().get());
    } catch (IOException e) {
      giveUp(e);
      throw e;
    }
  }

  /** Closes the image, which cannot be used after this failure. */
  private void giveUp(IOException failure) {
    usable = false;
    try {
      image.close();
    } catch (IOException again) {
      failure.addSuppressed(again);
    }
  }

  /** The header, also while the file changes: as it was before, or is meant to be. */
  Qcow2Header header() {
    return image.header();
  }

  /** The figures of the caches, also while the file changes. */
  List<CacheStats> cacheStats() {
    return image.cacheStats();
  }

  PersistentBitmaps bitmaps() {
    return bitmaps;
  }

  /**
   * The image in memory.
   *
   * @throws BlockIoException if a change of the file has ended in what could not be read
   */
  OpenImage image() throws BlockIoException {
    if (!usable) {
      throw new BlockIoException(
          opening.imageName(),
          "the image could not be read again after a check or a change as a whole, and must be"
              + " opened again",
          Errno.EIO);
    }
    return image;
  }

  /**
   * What changes the image.
   *
   * @throws ReadOnlyNodeException if the image is open for reading only
   */
  ImageWriter writer() throws IOException {
    return image().writer().orElseThrow(() -> new ReadOnlyNodeException(opening.imageName()));
  }

  /** Writes everything back, the bitmaps too, which are not in use any more. */
  void settle() throws IOException {
    Optional<ImageWriter> writer = image().writer();
    if (writer.isPresent()) {
      writer.get().settle();
      bitmaps.store(image, writer.get());
    }
  }

  /** Works on the file while nothing is held in memory, and opens it anew. */
  <T> T apart(Work<ImageOpening, T> work) throws IOException {
    letGo();
    try (Closeable _ = this::reopen) {
      return work.with(opening);
    }
  }

  /**
   * As {@link #apart(Work)}, for a change that may end in doubt: then the file is not opened anew.
   */
  <C extends UncertainChange, T> T apart(Beginning<C> beginning, Work<C, T> work)
      throws IOException {
    letGo();
    return changed(beginning, work, this::reopen);
  }

  /** As {@link #apart(Beginning, Work)}, for changes that move the bitmaps too (I2). */
  <C extends UncertainChange, T> T apartWithBitmaps(Beginning<C> beginning, Work<C, T> work)
      throws IOException {
    letGoWithBitmaps();
    return changed(
        beginning,
        work,
        () -> {
          reopen();
          useBitmaps(image.header());
        });
  }

  private void letGoWithBitmaps() throws IOException {
    bitmaps.store(image(), writer());
    try {
      letGo();
    } catch (IOException e) {
      if (usable) { // requests go on, and have to be marked
        try {
          useBitmaps(image.header());
        } catch (IOException again) {
          e.addSuppressed(again);
        }
      }
      throw e;
    }
  }

  private <C extends UncertainChange, T> T changed(
      Beginning<C> beginning, Work<C, T> work, Closeable reopening) throws IOException {
    C change = begin(beginning, reopening);
    try (Closeable _ = () -> reopen(change, reopening)) {
      return work.with(change);
    }
  }

  private <C> C begin(Beginning<C> beginning, Closeable reopening) throws IOException {
    try {
      return beginning.begin(opening);
    } catch (IOException e) {
      try {
        reopening.close();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static void reopen(UncertainChange change, Closeable reopening) throws IOException {
    if (!change.uncertain()) {
      reopening.close();
    }
  }

  /**
   * Within a change of the file: holds the image in memory as if it had another header.
   *
   * @return lets go of it again
   */
  Closeable as(Qcow2Header header) throws IOException {
    open(header, Qcow2Settings.ofChanged(opening.options(), header).withoutLazyRefcounts());
    return this::letGoInAnyCase;
  }

  /** As {@link #letGo}; what cannot be written is given up, for the file is about to change. */
  private void letGoInAnyCase() throws IOException {
    try {
      letGo();
    } catch (IOException e) {
      if (usable) {
        giveUp(e);
      }
      throw e;
    }
  }

  /** Stores the bitmaps and closes the image, if it is usable. */
  void close() throws IOException {
    if (!usable) {
      return;
    }
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
    Optional<ImageWriter> writer = image().writer();
    if (writer.isPresent()) {
      writer.get().settle();
    }
    usable = false; // I1
    image.close();
  }

  private void reopen() throws IOException {
    Qcow2Header decoded = HeaderCodec.decode(opening.imageName(), new ImageFile(opening.file()));
    Qcow2Header header = SnapshotView.of(opening, decoded);
    open(header, Qcow2Settings.ofChanged(opening.options(), header));
  }

  private void open(Qcow2Header header, Qcow2Settings settings) throws IOException {
    image = new OpenImage(opening, header, settings);
    bitmaps.resized(header.diskBytes());
    usable = true;
  }
}

package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnfinishedFlushException;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes metadata to the file in the order that a power cut needs, a generation at a time.
 *
 * <p>A generation is cut under the metadata lock and written outside of it, while requests go on
 * and make the next one:
 *
 * <pre>
 * A  refcount blocks; contents of tables that nothing in the file names yet       barrier
 * B  refcount table entries, or the header's fields for a table that moved        barrier, if any
 * C  L2 slices of tables in use, L1 entries                                       barrier, if any
 * </pre>
 *
 * <p>With lazy refcounts a flush leaves out what concerns refcounts, in A and in B, and in A marks
 * the image dirty; {@link #settle} catches up, and takes the mark off. An image that is opened for
 * writing with the mark has its references counted first ({@link WriteOpening}).
 *
 * <ul>
 *   <li><b>I1</b> (R1) A raised refcount is durable before a pointer to its cluster: blocks go in
 *       A, or go earlier by eviction; what makes them reachable goes in B; pointers go in C.
 *   <li><b>I2</b> (R2) The contents of a table are durable before the entry that names it: A before
 *       B and C. A new L2 table was zeros in the file before its L1 entry changed in memory, so
 *       before the cut: an L1 entry and slices need no order among themselves.
 *   <li><b>I3</b> (R3) Guest data is durable before the entry that shows it: it was written before
 *       its entry changed in memory, so before the cut, so before the barrier behind A.
 *   <li><b>I4</b> (R4) A removed pointer is durable before the refcount goes down: the quarantine
 *       lets a cluster go only after the last barrier.
 *   <li><b>I5</b> The number of barriers is constant: one where nothing was dirty or only counts
 *       were, two with pointers, one more with new refcount blocks.
 *   <li><b>I6</b> (R9) A failed barrier leaves the state of the file unknown: every later flush and
 *       change is refused until the image is opened again.
 *   <li><b>I7</b> (R8) The dirty mark is durable before a pointer to a cluster whose refcount may
 *       not be, and goes after all refcounts are. The other rules hold with lazy refcounts as
 *       without: I3 since data goes before the barrier behind A, I4 since the quarantine holds
 *       refcounts up in memory. A refcount table that moved is written at once: its old place is
 *       reused.
 *   <li><b>I8</b> (R10) What is written here has its space since the request that changed it. A
 *       write that fails all the same leaves the state known: what the image held is valid, what
 *       was to be written is dirty again, and the quarantine keeps what was unlinked. The next
 *       flush starts over. What a failed stage may have put into the file counts as there: it is
 *       then no longer a place that nothing names, and is not written in A.
 *   <li><b>I9</b> The same holds where memory runs out, or anything else is thrown: a cut allocates
 *       all that it needs before it changes anything, and {@link #finish} allocates nothing. What
 *       waits is encoded piece by piece ({@link PendingWrites}). Where even that fails, or a
 *       barrier does not return, I6 holds.
 * </ul>
 *
 * <p>Threads: any number may flush; a flush that begins while another runs is served by the next
 * one, together with all that wait.
 */
final class WriteBack {
  private final String imageName;
  private final ImageFile file;
  private final GuestData guestData;
  private final ReentrantLock metadataLock;
  private final HeaderOnDisk header;
  private final L1Table l1Table;
  private final L2Cache l2Cache;
  private final RefcountTable refcountTable;
  private final RefcountCache refcountCache;
  private final Quarantine quarantine;
  private final boolean lazy;

  private final ReentrantLock running = new ReentrantLock();
  private volatile long begun;
  private long completed;

  /** Whether I6 holds; told apart from its reason, which may find no memory. */
  private volatile boolean unusable;

  private volatile Optional<IOException> failure = Optional.empty();

  /** Whether a failed write may have left L1 entries in the file that memory counts as dirty. */
  private boolean linksUncertain;

  private Stage durableStage = Stage.NONE;

  /** The stages of a generation that a barrier has made durable. */
  private enum Stage {
    NONE,
    CONTENTS,
    REFCOUNT_LINKS,
    POINTERS
  }

  WriteBack(
      String imageName,
      ImageFile file,
      GuestData guestData,
      ReentrantLock metadataLock,
      HeaderOnDisk header,
      L1Table l1Table,
      L2Cache l2Cache,
      RefcountTable refcountTable,
      RefcountCache refcountCache,
      Quarantine quarantine,
      boolean lazy) {
    this.imageName = imageName;
    this.file = file;
    this.guestData = guestData;
    this.metadataLock = metadataLock;
    this.header = header;
    this.l1Table = l1Table;
    this.l2Cache = l2Cache;
    this.refcountTable = refcountTable;
    this.refcountCache = refcountCache;
    this.quarantine = quarantine;
    this.lazy = lazy;
  }

  /**
   * Makes durable what was changed, and what was written to the file, before the call.
   *
   * @throws UnfinishedFlushException if a write failed (I8), or memory ran out (I9)
   */
  void flush() throws IOException {
    flush(lazy);
  }

  /**
   * The same, and makes refcounts durable that were postponed, so that the image is no longer
   * dirty. Nobody changes anything meanwhile.
   */
  void settle() throws IOException {
    flush(false);
    header.clearDirty(); // I7
  }

  private void flush(boolean postpones) throws IOException {
    long needed = begun + 1;
    running.lock();
    try {
      if (completed >= needed) {
        return;
      }
      checkUsable();
      file.announce("flush_to_os");
      long number = begun + 1;
      begun = number;
      writeGeneration(postpones);
      completed = number;
    } catch (BlockIoException e) {
      throw unusable ? e : new UnfinishedFlushException(imageName, e);
    } catch (OutOfMemoryError e) {
      if (unusable) {
        throw e;
      }
      throw new UnfinishedFlushException(
          imageName, new BlockIoException(imageName, "prepare metadata", Errno.ENOMEM, e));
    } finally {
      running.unlock();
    }
  }

  /**
   * Lets a change go on by returning.
   *
   * @throws BlockIoException if a flush has failed before
   */
  void checkUsable() throws BlockIoException {
    if (unusable) {
      String what = "an earlier flush failed, and the image must be opened again";
      throw failure
          .map(cause -> new BlockIoException(imageName, what, Errno.EIO, cause))
          .orElseGet(() -> new BlockIoException(imageName, what, Errno.EIO));
    }
  }

  private void writeGeneration(boolean postpones) throws IOException {
    durableStage = Stage.NONE;
    Generation generation = cut(postpones);
    try {
      write(generation);
    } finally {
      finish(generation);
    }
    l2Cache.pack(generation.slices());
  }

  private Generation cut(boolean postpones) throws IOException {
    metadataLock.lock();
    try {
      Generation generation = prepare(postpones);
      quarantine.cut();
      // I9: from here on nothing is allocated
      l2Cache.take(generation.slices());
      refcountTable.dirty().andNot(generation.refcountIndexes());
      refcountTable.place(RefcountTable.Place.NAMED);
      l1Table.dirty().clear();
      return generation;
    } finally {
      metadataLock.unlock();
    }
  }

  /** What a generation that is cut now takes along. Changes nothing. */
  private Generation prepare(boolean postpones) throws IOException {
    RefcountTable.Place tablePlace = refcountTable.place();
    boolean postponed = postpones && tablePlace == RefcountTable.Place.NAMED; // I7
    Generation generation =
        new Generation(
            l2Cache.dirty(),
            (BitSet) l1Table.dirty().clone(),
            postponed ? List.of() : refcountCache.dirtyIndexes(),
            postponed ? new BitSet() : (BitSet) refcountTable.dirty().clone(),
            tablePlace,
            refcountTable.location(),
            new PendingWrites(),
            new PendingWrites(),
            new PendingWrites(),
            postponed);
    addRefcountTable(generation);
    for (int index : generation.l1Indexes().stream().toArray()) {
      generation
          .pointers()
          .add(new PendingWrite.Word(l1Table.entryOffset(index), l1Table.entry(index)));
    }
    for (CachedSlice cached : generation.slices()) {
      boolean unnamed = generation.l1Indexes().get(cached.l1Index()) && !linksUncertain;
      (unnamed ? generation.contents() : generation.pointers()).add(sliceWrite(cached));
    }
    return generation;
  }

  private void addRefcountTable(Generation generation) throws IOException {
    if (generation.tablePlace() == RefcountTable.Place.NEW) {
      long[] entries = refcountTable.entries().clone();
      generation.contents().addTable(refcountTable.location().offset(), entries);
      return;
    }
    for (int index : generation.refcountIndexes().stream().toArray()) {
      generation
          .refcountLinks()
          .add(new PendingWrite.Word(refcountTable.entryOffset(index), refcountTable.entry(index)));
    }
  }

  private PendingWrite sliceWrite(CachedSlice cached) throws IOException {
    L2Slice slice = cached.slice();
    long sliceBytes = (long) slice.wordsPerEntry() * slice.entryCount() * Long.BYTES;
    long offset = l1Table.tableOffset(cached.l1Index()) + cached.sliceIndex() * sliceBytes;
    return new PendingWrite.Slice(offset, slice);
  }

  private void write(Generation generation) throws IOException {
    if (generation.postponed() && !generation.pointers().isEmpty()) {
      header.markDirty(); // I7
    }
    for (long tableIndex : generation.refcountBlocks()) {
      writeRefcountBlock(tableIndex);
    }
    generation.contents().writeTo(file, _ -> "l2_update");
    if (guestData.external()) {
      flush(guestData.node()); // I3
    }
    barrier();
    durableStage = Stage.CONTENTS;
    if (generation.movesTable()) {
      file.announce("refblock_alloc_switch_table");
      header.refcountTable(generation.tableLocation());
    }
    generation.refcountLinks().writeTo(file, _ -> "reftable_update");
    if (generation.movesTable() || !generation.refcountLinks().isEmpty()) {
      barrier();
    }
    durableStage = Stage.REFCOUNT_LINKS;
    if (!generation.pointers().isEmpty()) {
      linksUncertain = true;
      generation.pointers().writeTo(file, this::pointerEvent);
      barrier();
      linksUncertain = false;
    }
    durableStage = Stage.POINTERS;
  }

  /** Writes what the block holds now, which may be more than at the cut: I1 holds all the more. */
  private void writeRefcountBlock(long tableIndex) throws IOException {
    Optional<RefcountCache.DirtyPart> taken;
    metadataLock.lock();
    try {
      taken = refcountCache.takeDirty(tableIndex);
    } finally {
      metadataLock.unlock();
    }
    if (taken.isEmpty()) {
      return;
    }
    RefcountCache.DirtyPart part = taken.get();
    boolean done = false;
    try {
      file.announce("refblock_update_part");
      file.write(part.hostOffset(), part.bytes());
      done = true;
    } finally {
      finishRefcountBlock(part.block(), done);
    }
  }

  private void finishRefcountBlock(RefcountBlock block, boolean done) {
    metadataLock.lock();
    try {
      refcountCache.written(block, done);
    } finally {
      metadataLock.unlock();
    }
  }

  private String pointerEvent(long hostOffset) {
    boolean ofL1 =
        hostOffset >= l1Table.entryOffset(0)
            && hostOffset < l1Table.entryOffset(l1Table.entryCount());
    return ofL1 ? "l1_update" : "l2_update";
  }

  private void barrier() throws IOException {
    file.announce("flush_to_disk");
    flush(file.node());
  }

  private void flush(BlockNode node) throws IOException {
    boolean durable = false;
    try {
      node.flush();
      durable = true;
    } catch (IOException e) {
      failure = Optional.of(e);
      throw e;
    } finally {
      if (!durable) {
        unusable = true; // I6, also where an error hides what the host said
      }
    }
  }

  private void finish(Generation generation) {
    boolean finished = false;
    metadataLock.lock();
    try {
      boolean done = durableStage == Stage.POINTERS;
      l2Cache.written(generation.slices(), done);
      if (done) {
        quarantine.durable();
      } else {
        restore(generation);
      }
      finished = true;
    } finally {
      metadataLock.unlock();
      if (!finished) {
        unusable = true; // I9
      }
    }
  }

  private void restore(Generation generation) {
    quarantine.restore();
    l1Table.dirty().or(generation.l1Indexes());
    if (durableStage != Stage.REFCOUNT_LINKS) {
      refcountTable.dirty().or(generation.refcountIndexes());
      restorePlace(generation);
    }
  }

  /** Says how far the image knows the refcount table's place, unless that has moved again. */
  private void restorePlace(Generation generation) {
    if (refcountTable.place() == RefcountTable.Place.NAMED) {
      boolean written = generation.movesTable() && durableStage == Stage.CONTENTS;
      refcountTable.place(written ? RefcountTable.Place.WRITTEN : generation.tablePlace());
    }
  }
}

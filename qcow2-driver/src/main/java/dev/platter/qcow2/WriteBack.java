package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnfinishedFlushException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
   * @throws UnfinishedFlushException if a write failed (I8)
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
      throw failure.isPresent() ? e : new UnfinishedFlushException(imageName, e);
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
    Optional<IOException> failed = failure;
    if (failed.isPresent()) {
      throw new BlockIoException(
          imageName,
          "an earlier flush failed, and the image must be opened again",
          Errno.EIO,
          failed.get());
    }
  }

  private void writeGeneration(boolean postpones) throws IOException {
    Generation generation = cut(postpones);
    durableStage = Stage.NONE;
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
      List<PendingWrite> contents = new ArrayList<>();
      List<PendingWrite> refcountLinks = new ArrayList<>();
      List<PendingWrite> pointers = new ArrayList<>();
      RefcountTable.Place tablePlace = refcountTable.place();
      boolean postponed = postpones && tablePlace == RefcountTable.Place.NAMED; // I7
      BitSet refcountIndexes = postponed ? new BitSet() : (BitSet) refcountTable.dirty().clone();
      if (tablePlace == RefcountTable.Place.NEW) {
        contents.add(wholeRefcountTable());
      } else {
        for (int index : refcountIndexes.stream().toArray()) {
          refcountLinks.add(refcountTableEntry(index));
        }
      }
      BitSet l1Indexes = (BitSet) l1Table.dirty().clone();
      for (int index : l1Indexes.stream().toArray()) {
        pointers.add(PendingWrite.word(l1Table.entryOffset(index), l1Table.entry(index)));
      }
      List<CachedSlice> slices = l2Cache.takeDirty();
      for (CachedSlice cached : slices) {
        boolean unnamed = l1Indexes.get(cached.l1Index()) && !linksUncertain;
        (unnamed ? contents : pointers).add(sliceWrite(cached));
      }
      refcountTable.dirty().andNot(refcountIndexes);
      refcountTable.place(RefcountTable.Place.NAMED);
      l1Table.dirty().clear();
      return new Generation(
          slices,
          l1Indexes,
          postponed ? List.of() : refcountCache.dirtyIndexes(),
          refcountIndexes,
          tablePlace,
          refcountTable.location(),
          quarantine.cut(),
          Generation.joined(contents),
          Generation.joined(refcountLinks),
          Generation.joined(pointers),
          postponed);
    } finally {
      metadataLock.unlock();
    }
  }

  private PendingWrite wholeRefcountTable() throws IOException {
    long[] entries = refcountTable.entries();
    ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES);
    bytes.asLongBuffer().put(entries);
    return new PendingWrite(refcountTable.location().offset(), bytes);
  }

  private PendingWrite refcountTableEntry(int index) throws IOException {
    return PendingWrite.word(refcountTable.entryOffset(index), refcountTable.entry(index));
  }

  private PendingWrite sliceWrite(CachedSlice cached) throws IOException {
    L2Slice slice = cached.slice();
    ByteBuffer bytes = ByteBuffer.allocate(slice.wordsPerEntry() * slice.entryCount() * Long.BYTES);
    slice.encode(bytes);
    long offset =
        l1Table.tableOffset(cached.l1Index()) + (long) cached.sliceIndex() * bytes.capacity();
    return new PendingWrite(offset, bytes.flip());
  }

  private void write(Generation generation) throws IOException {
    if (generation.postponed() && !generation.pointers().isEmpty()) {
      header.markDirty(); // I7
    }
    for (long tableIndex : generation.refcountBlocks()) {
      writeRefcountBlock(tableIndex);
    }
    writeAll(generation.contents(), "l2_update");
    if (guestData.external()) {
      flush(guestData.node()); // I3
    }
    barrier();
    durableStage = Stage.CONTENTS;
    if (generation.movesTable()) {
      file.announce("refblock_alloc_switch_table");
      header.refcountTable(generation.tableLocation());
    }
    writeAll(generation.refcountLinks(), "reftable_update");
    if (generation.movesTable() || !generation.refcountLinks().isEmpty()) {
      barrier();
    }
    durableStage = Stage.REFCOUNT_LINKS;
    if (!generation.pointers().isEmpty()) {
      linksUncertain = true;
      writePointers(generation.pointers());
      barrier();
      linksUncertain = false;
    }
    durableStage = Stage.POINTERS;
  }

  /** Writes what the block holds now, which may be more than at the cut: I1 holds all the more. */
  private void writeRefcountBlock(long tableIndex) throws IOException {
    Optional<PendingWrite> write;
    metadataLock.lock();
    try {
      write = refcountCache.takeDirty(tableIndex);
    } finally {
      metadataLock.unlock();
    }
    if (write.isEmpty()) {
      return;
    }
    boolean done = false;
    try {
      writeAll(List.of(write.get()), "refblock_update_part");
      done = true;
    } finally {
      finishRefcountBlock(tableIndex, done);
    }
  }

  private void finishRefcountBlock(long tableIndex, boolean done) {
    metadataLock.lock();
    try {
      refcountCache.written(tableIndex, done);
    } finally {
      metadataLock.unlock();
    }
  }

  private void writePointers(List<PendingWrite> pointers) throws IOException {
    long l1Start = l1Table.entryOffset(0);
    long l1End = l1Table.entryOffset(l1Table.entryCount());
    for (PendingWrite write : pointers) {
      boolean ofL1 = write.hostOffset() >= l1Start && write.hostOffset() < l1End;
      writeAll(List.of(write), ofL1 ? "l1_update" : "l2_update");
    }
  }

  private void writeAll(List<PendingWrite> writes, String event) throws IOException {
    for (PendingWrite write : writes) {
      file.announce(event);
      file.write(write.hostOffset(), write.bytes());
    }
  }

  private void barrier() throws IOException {
    file.announce("flush_to_disk");
    flush(file.node());
  }

  private void flush(BlockNode node) throws IOException {
    try {
      node.flush();
    } catch (IOException e) {
      failure = Optional.of(e);
      throw e;
    }
  }

  private void finish(Generation generation) {
    metadataLock.lock();
    try {
      boolean done = durableStage == Stage.POINTERS;
      l2Cache.written(generation.slices(), done);
      if (done) {
        quarantine.durable(generation.freed());
        return;
      }
      quarantine.restore(generation.freed());
      l1Table.dirty().or(generation.l1Indexes());
      if (durableStage != Stage.REFCOUNT_LINKS) {
        refcountTable.dirty().or(generation.refcountIndexes());
        restorePlace(generation);
      }
    } finally {
      metadataLock.unlock();
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

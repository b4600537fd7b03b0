package dev.platter.qcow2;

import dev.platter.api.driver.DataCipher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives clusters of a sound image other places, whatever they hold and however many tables name
 * them: data, compressed data, tables, refcount blocks, bits.
 *
 * <ul>
 *   <li>I1. (R1, R10) What moves goes to clusters that were free, which count their references
 *       beforehand. Until something names them they are leaks, and the image is as it was.
 *   <li>I2. (R2, R3) Copies, those of tables with the new places in them, are durable before
 *       anything names them.
 *   <li>I3. (R7) Then each word is changed by itself, in place, and is right before and after:
 *       either place holds the same, and either counts all references. So the words may become
 *       durable in any order, and a cluster's COPIED flags agree with its refcount all the time.
 *   <li>I4. (R4, R5) Old places are freed when no word on the disk names them any more.
 *   <li>I5. (R9) Where words cannot be made durable nobody knows which place is written to next
 *       ({@link #uncertain}): the image must be opened again.
 * </ul>
 *
 * <p>Nobody uses the image meanwhile. Memory: one table at a time. Threads: one.
 */
final class ClusterMover {
  private static final int SECTOR_BYTES = 512;

  private final String imageName;
  private final ImageFile file;
  private final ClusterCopy copy;
  private boolean uncertain;
  private long movedBytes;

  /**
   * @param cipher what guest bytes are encrypted with, where that depends on their place in the
   *     file
   */
  ClusterMover(String imageName, ImageFile file, Optional<DataCipher> cipher) {
    this.imageName = imageName;
    this.file = file;
    this.copy = new ClusterCopy(file, cipher);
  }

  /** Whether words were changed and could not be made durable (I5). */
  boolean uncertain() {
    return uncertain;
  }

  /** How many bytes have been written to another place. */
  long movedBytes() {
    return movedBytes;
  }

  /**
   * Moves clusters.
   *
   * @param tables those of the image as it is
   * @return the header as the image has it now
   */
  Qcow2Header move(Qcow2Header header, ImageTables tables, Relocation plan) throws IOException {
    ClusterGeometry geometry = header.geometry();
    StoredRefcounts before = new StoredRefcounts(file, geometry, header.refcountTable());
    try {
      raise(before, plan); // I1
      new Pass(header, tables, plan).copyAll();
      file.node().flush(); // I2
    } catch (IOException e) {
      takeBack(before, plan, e);
      throw e;
    }
    uncertain = true;
    new Pass(header, tables, plan).rewriteInPlace(); // I3
    file.node().flush();
    uncertain = false;
    Qcow2Header moved = HeaderCodec.decode(imageName, file);
    lower(new StoredRefcounts(file, geometry, moved.refcountTable()), plan); // I4
    movedBytes += plan.bytes();
    return moved;
  }

  private static void raise(StoredRefcounts stored, Relocation plan) throws IOException {
    for (Map.Entry<Long, Long> each : plan.clusters().entrySet()) {
      stored.set(each.getValue(), stored.get(each.getKey()));
    }
    for (Map.Entry<Long, Long> each : plan.raised().entrySet()) {
      stored.set(each.getKey(), each.getValue());
    }
    stored.write();
  }

  private static void takeBack(StoredRefcounts stored, Relocation plan, IOException failure) {
    try {
      for (long cluster : plan.clusters().values()) {
        stored.set(cluster, 0);
      }
      for (long cluster : plan.raised().keySet()) {
        stored.set(cluster, 0);
      }
      stored.write();
    } catch (IOException e) {
      failure.addSuppressed(e); // leaks, which the next call mends
    }
  }

  private static void lower(StoredRefcounts stored, Relocation plan) throws IOException {
    for (long cluster : plan.clusters().keySet()) {
      stored.set(cluster, 0);
    }
    for (Map.Entry<Long, Long> each : plan.lowered().entrySet()) {
      stored.set(each.getKey(), stored.get(each.getKey()) - each.getValue());
    }
    stored.write();
  }

  /** One way through all tables. */
  private final class Pass {
    private final ClusterGeometry geometry;
    private final boolean dataFile;
    private final ImageTables tables;
    private final Relocation plan;
    private final Set<Long> copied = new HashSet<>();

    Pass(Qcow2Header header, ImageTables tables, Relocation plan) {
      this.geometry = header.geometry();
      this.dataFile = header.features().dataFile();
      this.tables = tables;
      this.plan = plan;
    }

    void copyAll() throws IOException {
      for (Relocation.Block block : plan.blocks()) {
        copy.copy(block.from(), block.to(), block.bytes());
      }
      BitSet l2Clusters = tables.l2Clusters();
      for (int at = l2Clusters.nextSetBit(0); at >= 0; at = l2Clusters.nextSetBit(at + 1)) {
        if (!dataFile || plan.moves(at)) {
          copyL2(at);
        }
      }
      for (PointerTable table : tables.tables()) {
        copyTable(table);
      }
    }

    void rewriteInPlace() throws IOException {
      BitSet l2Clusters = tables.l2Clusters();
      for (int at = l2Clusters.nextSetBit(0); at >= 0; at = l2Clusters.nextSetBit(at + 1)) {
        if (!dataFile && !plan.moves(at)) {
          ByteBuffer l2 = file.read(geometry.clusterOffset(at), geometry.clusterBytes());
          writeChanged(geometry.clusterOffset(at), l2, rewrittenL2(l2));
        }
      }
      for (PointerTable table : tables.tables()) {
        if (!plan.moves(geometry.clusterIndex(table.offset()))) {
          ByteBuffer contents = contents(table);
          writeChanged(table.offset(), contents, rewritten(table, contents));
        }
      }
    }

    private void copyL2(int cluster) throws IOException {
      ByteBuffer l2 = file.read(geometry.clusterOffset(cluster), geometry.clusterBytes());
      if (!dataFile) {
        copyDataOf(l2);
      }
      if (plan.moves(cluster)) {
        ByteBuffer moved = dataFile ? l2 : rewrittenL2(l2);
        file.write(geometry.clusterOffset(plan.target(cluster)), moved);
      }
    }

    /** Copies the data of a table's entries, side by side where it lies and goes so. */
    private void copyDataOf(ByteBuffer l2) throws IOException {
      int place = 0;
      while (place < l2.capacity()) {
        long cluster = uncopied(l2, place);
        place += geometry.l2EntryBytes();
        if (cluster == 0) {
          continue;
        }
        long count = 1;
        while (place < l2.capacity()
            && uncopied(l2, place) == cluster + count
            && plan.target(cluster + count) == plan.target(cluster) + count) {
          place += geometry.l2EntryBytes();
          count++;
        }
        copy.copyData(
            geometry.clusterOffset(cluster),
            geometry.clusterOffset(plan.target(cluster)),
            geometry.clusterOffset(count));
        for (long i = 0; i < count; i++) {
          copied.add(cluster + i);
        }
      }
    }

    /** The cluster of an entry that moves and has yet to be copied; 0 if there is none. */
    private long uncopied(ByteBuffer l2, int place) {
      long entry = l2.getLong(place);
      if ((entry & L2Entry.COMPRESSED) != 0) {
        return 0;
      }
      long cluster = geometry.clusterIndex(L2Entry.clusterOffset(entry));
      return plan.moves(cluster) && !copied.contains(cluster) ? cluster : 0;
    }

    private void copyTable(PointerTable table) throws IOException {
      long cluster = geometry.clusterIndex(table.offset());
      if (!table.kind().namesContents() && !plan.moves(cluster)) {
        return;
      }
      ByteBuffer contents = contents(table);
      if (table.kind().namesContents()) {
        table.forEachPointer(contents, (_, word) -> copyContents(word));
      }
      if (plan.moves(cluster)) {
        file.write(geometry.clusterOffset(plan.target(cluster)), rewritten(table, contents));
      }
    }

    private void copyContents(long word) throws IOException {
      long cluster = geometry.clusterIndex(word & PointerTable.OFFSET_MASK);
      if (plan.moves(cluster) && copied.add(cluster)) {
        copy.copy(
            geometry.clusterOffset(cluster),
            geometry.clusterOffset(plan.target(cluster)),
            geometry.clusterBytes());
      }
    }

    private ByteBuffer contents(PointerTable table) throws IOException {
      return file.read(table.offset(), Math.toIntExact(geometry.alignUp(table.bytes())));
    }

    private ByteBuffer rewrittenL2(ByteBuffer l2) {
      ByteBuffer changed = copyOf(l2);
      for (int place = 0; place < l2.capacity(); place += geometry.l2EntryBytes()) {
        changed.putLong(place, plan.l2Entry(l2.getLong(place)));
      }
      return changed;
    }

    private ByteBuffer rewritten(PointerTable table, ByteBuffer contents) throws IOException {
      ByteBuffer changed = copyOf(contents);
      table.forEachPointer(contents, (place, word) -> changed.putLong(place, plan.pointer(word)));
      return changed;
    }
  }

  private static ByteBuffer copyOf(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.capacity()).put(bytes.duplicate().clear()).clear();
  }

  /** Writes the sectors from the first to the last that differ. */
  private void writeChanged(long offset, ByteBuffer old, ByteBuffer changed) throws IOException {
    int first = old.duplicate().clear().mismatch(changed);
    if (first < 0) {
      return;
    }
    int last = old.capacity() - Long.BYTES;
    while (old.getLong(last) == changed.getLong(last)) {
      last -= Long.BYTES;
    }
    int from = first & -SECTOR_BYTES;
    int to = (last & -SECTOR_BYTES) + SECTOR_BYTES;
    file.write(offset + from, changed.slice(from, to - from));
  }
}

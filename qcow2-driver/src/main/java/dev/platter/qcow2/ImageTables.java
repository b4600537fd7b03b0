package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All tables of a sound image, so that what they name can be given other places: each once, what is
 * named before what names it.
 *
 * <p>Threads: one.
 */
final class ImageTables {
  private static final int FRAME_BYTES = 8;
  private static final int L1_PLACE = 40;
  private static final int REFCOUNT_TABLE_PLACE = 48;
  private static final int SNAPSHOT_TABLE_PLACE = 64;
  private static final int DIRECTORY_PLACE = 16;

  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final List<PointerTable> tables = new ArrayList<>();
  private final BitSet l2Clusters = new BitSet();

  private ImageTables(String imageName, ImageFile file, Qcow2Header header) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
  }

  /**
   * Finds the tables that a header leads to.
   *
   * @throws CorruptImageException if two of them share a cluster
   */
  static ImageTables of(String imageName, ImageFile file, Qcow2Header header) throws IOException {
    ImageTables found = new ImageTables(imageName, file, header);
    found.addL1Tables();
    found.add(
        PointerTable.Kind.REFCOUNTS,
        header.refcountTable().offset(),
        found.geometry.clusterOffset(header.refcountTable().count()));
    Optional<HeaderExtension.CryptoHeader> crypto =
        header.extension(HeaderExtension.CryptoHeader.class);
    if (crypto.isPresent()) {
      found.add(PointerTable.Kind.ENCRYPTION, crypto.get().offset(), crypto.get().length());
    }
    found.addBitmaps();
    found.addSnapshotTable();
    found.addHeader();
    found.requireApart();
    return found;
  }

  /** The tables but for L2 tables, the header last. */
  List<PointerTable> tables() {
    return tables;
  }

  /** The clusters of L2 tables. */
  BitSet l2Clusters() {
    return l2Clusters;
  }

  private void addL1Tables() throws IOException {
    addL1(header.l1Table());
    Set<TableLocation> seen = new HashSet<>();
    if (header.snapshotTable().count() > 0) {
      for (InternalSnapshot one : SnapshotTable.read(imageName, file, header).snapshots()) {
        if (seen.add(one.l1Table())) {
          addL1(one.l1Table());
        }
      }
    }
  }

  private void addL1(TableLocation l1Table) throws IOException {
    long bytes = (long) l1Table.count() * ClusterGeometry.TABLE_ENTRY_BYTES;
    add(PointerTable.Kind.L1, l1Table.offset(), bytes);
    file.forEachWord(
        l1Table.offset(),
        bytes,
        entry -> {
          if (L1Entry.tableOffset(entry) != 0) {
            l2Clusters.set((int) geometry.clusterIndex(L1Entry.tableOffset(entry)));
          }
        });
  }

  private void addBitmaps() throws IOException {
    Optional<HeaderExtension.Bitmaps> where = header.extension(HeaderExtension.Bitmaps.class);
    if (where.isEmpty()) {
      return;
    }
    List<Integer> places = new ArrayList<>();
    long place = 0;
    for (StoredBitmap bitmap : StoredBitmap.readAll(imageName, file, geometry, where.get())) {
      long bytes = (long) bitmap.tableEntryCount() * Long.BYTES;
      add(PointerTable.Kind.BITMAP, bitmap.tableOffset(), bytes);
      places.add((int) place);
      place += StoredBitmap.directoryBytes(List.of(bitmap.name()));
    }
    tables.add(
        new PointerTable(
            PointerTable.Kind.BITMAPS,
            where.get().directoryOffset(),
            where.get().directoryBytes(),
            places));
  }

  private void addSnapshotTable() throws IOException {
    if (header.snapshotTable().count() == 0) {
      return;
    }
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < header.snapshotTable().count(); i++) {
      places.add((int) (reader.consumed() + Long.BYTES - 1) & -Long.BYTES);
      reader.next();
    }
    tables.add(
        new PointerTable(
            PointerTable.Kind.SNAPSHOTS,
            header.snapshotTable().offset(),
            reader.consumed(),
            places));
  }

  private void addHeader() throws IOException {
    List<Integer> places = new ArrayList<>(List.of(L1_PLACE, REFCOUNT_TABLE_PLACE));
    if (header.snapshotTable().count() > 0) {
      places.add(SNAPSHOT_TABLE_PLACE);
    }
    if (header.extension(HeaderExtension.CryptoHeader.class).isPresent()) {
      places.add(extensionPlace(HeaderExtension.CRYPTO_HEADER));
    }
    if (header.extension(HeaderExtension.Bitmaps.class).isPresent()) {
      places.add(extensionPlace(HeaderExtension.BITMAPS) + DIRECTORY_PLACE);
    }
    tables.add(new PointerTable(PointerTable.Kind.HEADER, 0, geometry.clusterBytes(), places));
  }

  /** Where the data of the first extension of a type begins, which the header has. */
  private int extensionPlace(int type) throws IOException {
    ByteBuffer cluster = file.read(0, geometry.clusterBytes());
    int at = header.headerLength();
    while (cluster.getInt(at) != type) {
      at += FRAME_BYTES + ((cluster.getInt(at + Integer.BYTES) + 7) & -8);
    }
    return at + FRAME_BYTES;
  }

  private void add(PointerTable.Kind kind, long offset, long bytes) {
    if (bytes > 0) {
      tables.add(PointerTable.of(kind, offset, bytes));
    }
  }

  /** What is two tables at once cannot be moved: only an image that means harm has that. */
  private void requireApart() throws CorruptImageException {
    BitSet taken = (BitSet) l2Clusters.clone();
    for (PointerTable table : tables) {
      long first = geometry.clusterIndex(table.offset());
      long end = first + geometry.clusterCount(table.bytes());
      int shared = taken.nextSetBit((int) first);
      if (shared >= 0 && shared < end) {
        throw new CorruptImageException(
            imageName,
            "Two tables share the cluster at offset %#x".formatted(geometry.clusterOffset(shared)));
      }
      taken.set((int) first, (int) end);
    }
  }
}

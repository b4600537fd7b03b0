package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * What the clusters of a sound image's file hold: tables, compressed data, or something else.
 *
 * <p>Three bits for each cluster, and the compressed data from a cluster on. Threads: one.
 */
final class LayoutSurvey {
  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final boolean dataFile;
  private final ImageTables tables;
  private final StoredRefcounts stored;
  private final BitSet metadata;
  private final BitSet compressed = new BitSet();
  private final BitSet data = new BitSet();
  private final CompressedStreams streams;

  private LayoutSurvey(
      String imageName, ImageFile file, Qcow2Header header, ImageTables tables, long fromCluster)
      throws IOException {
    this.imageName = imageName;
    this.file = file;
    this.geometry = header.geometry();
    this.dataFile = header.features().dataFile();
    this.tables = tables;
    this.stored = new StoredRefcounts(file, geometry, header.refcountTable());
    this.metadata = (BitSet) tables.l2Clusters().clone();
    this.streams = new CompressedStreams(geometry, fromCluster);
  }

  /**
   * Looks at everything that a header leads to.
   *
   * @param fromCluster the compressed data from this cluster on is noted
   * @throws CorruptImageException if something is two tables at once, or a table and data
   */
  static LayoutSurvey of(
      String imageName, ImageFile file, Qcow2Header header, ImageTables tables, long fromCluster)
      throws IOException {
    LayoutSurvey survey = new LayoutSurvey(imageName, file, header, tables, fromCluster);
    survey.addTables();
    if (!survey.dataFile) {
      survey.addData();
    }
    return survey;
  }

  /** The clusters of tables, refcount blocks and bits. */
  BitSet metadata() {
    return metadata;
  }

  /** The clusters that compressed data touches. */
  BitSet compressed() {
    return compressed;
  }

  CompressedStreams streams() {
    return streams;
  }

  /**
   * The end of the clusters whose references cannot all be moved: compressed data lies in a cluster
   * that is also named as a whole, or shares a cluster with such data. Counted from the cluster on
   * from which compressed data is noted; 0 if there are none.
   */
  long sharedEnd() {
    BitSet shared = (BitSet) data.clone();
    shared.and(compressed);
    if (shared.isEmpty()) {
      return 0;
    }
    long[] end = new long[1];
    streams.forEach(
        0,
        (entry, _) -> {
          long first = streams.firstCluster(entry);
          long last = streams.lastCluster(entry);
          if (shared.get((int) first) || shared.get((int) last)) {
            end[0] = Math.max(end[0], last + 1);
          }
          return true;
        });
    return end[0];
  }

  private void addTables() throws IOException {
    for (PointerTable table : tables.tables()) {
      int first = (int) geometry.clusterIndex(table.offset());
      metadata.set(first, first + (int) geometry.clusterCount(table.bytes()));
    }
    for (PointerTable table : tables.tables()) {
      if (table.kind().namesContents()) {
        file.forEachWord(table.offset(), table.bytes(), this::addContents);
      }
    }
  }

  /** A refcount block, or bits of a bitmap: what is something else too cannot be moved. */
  private void addContents(long word) throws CorruptImageException {
    long cluster = geometry.clusterIndex(word & PointerTable.OFFSET_MASK);
    if (cluster == 0) {
      return;
    }
    if (metadata.get((int) cluster)) {
      throw new CorruptImageException(
          imageName,
          "Two tables share the cluster at offset %#x".formatted(geometry.clusterOffset(cluster)));
    }
    metadata.set((int) cluster);
  }

  private void addData() throws IOException {
    BitSet l2Clusters = tables.l2Clusters();
    for (int at = l2Clusters.nextSetBit(0); at >= 0; at = l2Clusters.nextSetBit(at + 1)) {
      ByteBuffer l2 = file.read(geometry.clusterOffset(at), geometry.clusterBytes());
      long times = stored.get(at);
      for (int place = 0; place < l2.capacity(); place += geometry.l2EntryBytes()) {
        addEntry(l2.getLong(place), times);
      }
    }
  }

  private void addEntry(long entry, long times) throws CorruptImageException {
    if ((entry & L2Entry.COMPRESSED) == 0) {
      long cluster = geometry.clusterIndex(L2Entry.clusterOffset(entry));
      requireData(cluster);
      data.set((int) cluster);
      return;
    }
    for (long cluster = streams.firstCluster(entry);
        cluster <= streams.lastCluster(entry);
        cluster++) {
      requireData(cluster);
      compressed.set((int) cluster);
    }
    streams.add(entry, times);
  }

  /** Only an image that means harm has guests write to its tables. */
  private void requireData(long cluster) throws CorruptImageException {
    if (cluster != 0 && metadata.get((int) cluster)) {
      throw new CorruptImageException(
          imageName,
          "A table and data share the cluster at offset %#x"
              .formatted(geometry.clusterOffset(cluster)));
    }
  }
}

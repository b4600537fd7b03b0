package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * What the clusters of a sound image's file hold: tables, compressed data, or something else.
 *
 * <p>Two bits for each cluster, and the compressed data from a cluster on. Threads: one.
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
   * @throws CorruptImageException if something is a table and data at once
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

  private void addTables() throws IOException {
    for (PointerTable table : tables.tables()) {
      int first = (int) geometry.clusterIndex(table.offset());
      metadata.set(first, first + (int) geometry.clusterCount(table.bytes()));
      if (table.kind().namesContents()) {
        file.forEachWord(
            table.offset(),
            table.bytes(),
            word -> metadata.set((int) geometry.clusterIndex(word & PointerTable.OFFSET_MASK)));
      }
    }
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
      requireData(geometry.clusterIndex(L2Entry.clusterOffset(entry)));
      return;
    }
    long first = geometry.clusterIndex(L2Entry.compressedOffset(entry, geometry.clusterBits()));
    long last = geometry.clusterIndex(CompressedStreams.end(geometry, entry) - 1);
    for (long cluster = first; cluster <= last; cluster++) {
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

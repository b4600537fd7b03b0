package dev.platter.qcow2;

/**
 * Where everything lies in a new image: header, refcount table, refcount blocks, L1 table and, if
 * they are reserved at once, L2 tables and data, and the header of the encryption, one behind the
 * other.
 *
 * @param geometry clusters and tables
 * @param refcountTableClusters clusters of the refcount table
 * @param refcountBlocks refcount blocks: as many as count all clusters, themselves included
 * @param l1EntryCount entries of the L1 table
 * @param l2Tables L2 tables that are written at once
 * @param dataClusters data clusters that are reserved at once in the image's file
 * @param cryptoClusters clusters of the header of the encryption
 */
record NewImageLayout(
    ClusterGeometry geometry,
    long refcountTableClusters,
    long refcountBlocks,
    long l1EntryCount,
    long l2Tables,
    long dataClusters,
    long cryptoClusters) {

  private static final long HEADER_CLUSTERS = 1;

  /**
   * The layout of an image of this size.
   *
   * @param preallocated whether all clusters of the disk are mapped at once
   * @param dataFile whether guest data lies in an external file
   * @param cryptoBytes bytes of the header of the encryption; 0 if there is none
   */
  static NewImageLayout of(
      ClusterGeometry geometry,
      long diskBytes,
      boolean preallocated,
      boolean dataFile,
      long cryptoBytes) {
    long cryptoClusters = geometry.clusterCount(cryptoBytes);
    long l1EntryCount = geometry.l1EntryCount(diskBytes);
    long l1Clusters = geometry.clusterCount(l1EntryCount * ClusterGeometry.TABLE_ENTRY_BYTES);
    long l2Tables = preallocated ? l1EntryCount : 0;
    long dataClusters = preallocated && !dataFile ? geometry.clusterCount(diskBytes) : 0;
    long others = HEADER_CLUSTERS + l1Clusters + l2Tables + dataClusters + cryptoClusters;
    long blocks = 1;
    long tableClusters = 1;
    while (true) {
      long total = others + tableClusters + blocks;
      long neededBlocks =
          (total + geometry.refcountBlockEntryCount() - 1) >>> geometry.refcountBlockBits();
      long neededTableClusters =
          geometry.clusterCount(neededBlocks * ClusterGeometry.TABLE_ENTRY_BYTES);
      if (neededBlocks <= blocks && neededTableClusters <= tableClusters) {
        return new NewImageLayout(
            geometry, tableClusters, blocks, l1EntryCount, l2Tables, dataClusters, cryptoClusters);
      }
      blocks = Math.max(blocks, neededBlocks);
      tableClusters = Math.max(tableClusters, neededTableClusters);
    }
  }

  long refcountTableOffset() {
    return geometry.clusterOffset(HEADER_CLUSTERS);
  }

  long refcountBlocksOffset() {
    return geometry.clusterOffset(HEADER_CLUSTERS + refcountTableClusters);
  }

  long l1Offset() {
    return refcountBlocksOffset() + geometry.clusterOffset(refcountBlocks);
  }

  long l1Bytes() {
    return l1EntryCount * ClusterGeometry.TABLE_ENTRY_BYTES;
  }

  long l2Offset() {
    return geometry.alignUp(l1Offset() + l1Bytes());
  }

  long dataOffset() {
    return l2Offset() + geometry.clusterOffset(l2Tables);
  }

  long cryptoOffset() {
    return dataOffset() + geometry.clusterOffset(dataClusters);
  }

  /** Where the file ends: behind the last reserved cluster, or right behind the L1 table. */
  long fileBytes() {
    return l2Tables + cryptoClusters == 0
        ? l1Offset() + l1Bytes()
        : cryptoOffset() + geometry.clusterOffset(cryptoClusters);
  }

  /** Clusters in use, from the first one on. */
  long totalClusters() {
    return geometry.clusterCount(fileBytes());
  }

  TableLocation refcountTable() {
    return new TableLocation(refcountTableOffset(), Math.toIntExact(refcountTableClusters));
  }

  TableLocation l1Table() {
    return l1EntryCount == 0
        ? TableLocation.NONE
        : new TableLocation(l1Offset(), Math.toIntExact(l1EntryCount));
  }
}

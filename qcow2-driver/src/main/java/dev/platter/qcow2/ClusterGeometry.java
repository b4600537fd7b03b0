package dev.platter.qcow2;

/**
 * The sizes that follow from an image's cluster size and refcount width, and the arithmetic between
 * offsets and indexes.
 *
 * <p>A guest offset is split into L1 index, L2 index and offset into the cluster; a host offset
 * into refcount table index, refcount block index and offset into the cluster.
 *
 * @param clusterBits log2 of the cluster size, 9 to 21
 * @param refcountOrder log2 of the bits of one refcount, 0 to 6
 * @param extendedL2 whether L2 entries are 16 bytes long
 */
record ClusterGeometry(int clusterBits, int refcountOrder, boolean extendedL2) {
  private static final int HOST_OFFSET_BITS = 56;
  static final int MINIMUM_CLUSTER_BITS = 9;
  static final int MAXIMUM_CLUSTER_BITS = 21;
  static final int MAXIMUM_REFCOUNT_ORDER = 6;

  /** Bytes of an entry of an L1 table or of a refcount table. */
  static final int TABLE_ENTRY_BYTES = Long.BYTES;

  ClusterGeometry {
    if (clusterBits < MINIMUM_CLUSTER_BITS || clusterBits > MAXIMUM_CLUSTER_BITS) {
      throw new IllegalArgumentException("clusterBits is " + clusterBits);
    }
    if (refcountOrder < 0 || refcountOrder > MAXIMUM_REFCOUNT_ORDER) {
      throw new IllegalArgumentException("refcountOrder is " + refcountOrder);
    }
  }

  /** Bytes in a cluster: 512 to 2 MiB. */
  int clusterBytes() {
    return 1 << clusterBits;
  }

  /** The unit of mapping: a subcluster, or a cluster where there are none. */
  int mappingUnitBytes() {
    return 1 << mappingUnitBits();
  }

  /** log2 of {@link #mappingUnitBytes()}. */
  int mappingUnitBits() {
    return extendedL2 ? clusterBits - Subclusters.COUNT_BITS : clusterBits;
  }

  /** Bytes of one L2 entry. */
  int l2EntryBytes() {
    return extendedL2 ? 16 : 8;
  }

  /** log2 of the entries in an L2 table, which fills one cluster. */
  int l2Bits() {
    return clusterBits - (extendedL2 ? 4 : 3);
  }

  /** Entries in an L2 table. */
  int l2EntryCount() {
    return 1 << l2Bits();
  }

  /** Guest bytes that one L2 table maps, as a logarithm. */
  int l1CoverageBits() {
    return clusterBits + l2Bits();
  }

  /** Guest bytes that one L2 table maps. */
  long l1CoverageBytes() {
    return 1L << l1CoverageBits();
  }

  /** The index in the L1 table of the entry that covers a guest offset. */
  long l1Index(long guestOffset) {
    return guestOffset >>> l1CoverageBits();
  }

  /** The index in its L2 table of the entry that covers a guest offset. */
  int l2Index(long guestOffset) {
    return (int) (guestOffset >>> clusterBits) & (l2EntryCount() - 1);
  }

  /** How many L1 entries a disk of this size needs. */
  long l1EntryCount(long diskBytes) {
    return (diskBytes + l1CoverageBytes() - 1) >>> l1CoverageBits();
  }

  /** How many clusters hold this many bytes. */
  long clusterCount(long bytes) {
    return (bytes + clusterBytes() - 1) >>> clusterBits;
  }

  /** The index of the cluster in which an offset lies. */
  long clusterIndex(long offset) {
    return offset >>> clusterBits;
  }

  /** Where a cluster begins. */
  long clusterOffset(long clusterIndex) {
    return clusterIndex << clusterBits;
  }

  /** The distance of an offset from the beginning of its cluster. */
  int offsetIntoCluster(long offset) {
    return (int) offset & (clusterBytes() - 1);
  }

  /** Whether an offset is where a cluster begins. */
  boolean aligned(long offset) {
    return offsetIntoCluster(offset) == 0;
  }

  /** The beginning of the cluster in which an offset lies. */
  long alignDown(long offset) {
    return offset & -(long) clusterBytes();
  }

  /** The first beginning of a cluster at or behind an offset. */
  long alignUp(long offset) {
    return alignDown(Math.addExact(offset, clusterBytes() - 1));
  }

  /** Bits of one refcount: 1, 2, 4, 8, 16, 32 or 64. */
  int refcountBits() {
    return 1 << refcountOrder;
  }

  /** The greatest refcount that can be stored; as an unsigned number for 64 bits. */
  long maximumRefcount() {
    return refcountBits() == Long.SIZE ? -1L : (1L << refcountBits()) - 1;
  }

  /**
   * Whether a host cluster can be named: host offsets have 56 bits (specification: "Cluster
   * mapping").
   */
  boolean addressable(long clusterIndex) {
    return clusterIndex >>> (HOST_OFFSET_BITS - clusterBits) == 0;
  }

  /** log2 of the refcounts in a refcount block, which fills one cluster. */
  int refcountBlockBits() {
    return clusterBits + 3 - refcountOrder;
  }

  /** Refcounts in a refcount block. */
  int refcountBlockEntryCount() {
    return 1 << refcountBlockBits();
  }

  /** Host bytes that one refcount block covers. */
  long refcountBlockCoverageBytes() {
    return 1L << (refcountBlockBits() + clusterBits);
  }

  /** The index in the refcount table of the block that counts a cluster. */
  long refcountTableIndex(long clusterIndex) {
    return clusterIndex >>> refcountBlockBits();
  }

  /** The index within its block of a cluster's refcount. */
  int refcountBlockIndex(long clusterIndex) {
    return (int) clusterIndex & (refcountBlockEntryCount() - 1);
  }
}

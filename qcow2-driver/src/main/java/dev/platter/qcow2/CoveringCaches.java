package dev.platter.qcow2;

import dev.platter.api.driver.CachedFormat.CacheAdvice;

/**
 * The caches that an image needs so that all of its disk is mapped from memory.
 *
 * <p>An L2 entry of 8 bytes maps one cluster, so {@code disk_size = l2-cache-size * cluster_size /
 * 8}; an extended one has 16 bytes.
 *
 * @param diskBytes the virtual size
 * @param clusterBytes the cluster size
 * @param l2EntryBytes the size of an L2 entry
 * @param l2CacheBytes the {@code l2-cache-size} that covers the disk: a multiple of the cluster
 *     size
 * @param refcountCacheBytes the refcount cache that comes with it
 * @param defaultL2CacheBytes the {@code l2-cache-size} where no option is given
 */
record CoveringCaches(
    long diskBytes,
    int clusterBytes,
    int l2EntryBytes,
    long l2CacheBytes,
    long refcountCacheBytes,
    long defaultL2CacheBytes) {
  /**
   * The caches for an image.
   *
   * @param diskBytes its virtual size, not negative
   * @param geometry its clusters and entries
   */
  static CoveringCaches of(long diskBytes, ClusterGeometry geometry) {
    int clusterBytes = geometry.clusterBytes();
    long clusters = (diskBytes + clusterBytes - 1) >>> Integer.numberOfTrailingZeros(clusterBytes);
    long tables = (clusters * geometry.l2EntryBytes() + clusterBytes - 1) & -(long) clusterBytes;
    long covering = Math.max(tables, (long) CacheSizes.MINIMUM_L2_CLUSTERS * clusterBytes);
    return new CoveringCaches(
        diskBytes,
        clusterBytes,
        geometry.l2EntryBytes(),
        covering,
        CacheSizes.refcountBytesFor(covering, clusterBytes),
        CacheSizes.defaultL2Bytes(clusterBytes));
  }

  /** How many bytes of a disk a cache of this size covers. */
  long coveredBytes(long l2CacheBytes) {
    return Math.multiplyExact(l2CacheBytes / l2EntryBytes, clusterBytes);
  }

  /** Whether the default covers the disk already. */
  boolean defaultSuffices() {
    return coveredBytes(defaultL2CacheBytes) >= diskBytes;
  }

  /** Bytes of memory that both caches take at most, for each image of a chain. */
  long costBytes() {
    return l2CacheBytes + refcountCacheBytes;
  }

  /**
   * The same in the words of the SPI.
   *
   * @param l2CacheBytesNow what the L2 cache may hold now
   */
  CacheAdvice advice(long l2CacheBytesNow) {
    return new CacheAdvice(
        Qcow2Options.L2_CACHE_SIZE.name(),
        l2CacheBytes,
        costBytes(),
        l2CacheBytes, // only what is written has its refcounts read
        coveredBytes(l2CacheBytesNow),
        "disk_size = l2_cache_size * cluster_size / " + l2EntryBytes);
  }
}

package dev.platter.qcow2;

/**
 * What L2 cache an image needs so that all of its disk is mapped from memory.
 *
 * <p>An L2 entry of 8 bytes maps one cluster, so {@code disk_size = l2-cache-size * cluster_size /
 * 8}.
 *
 * @param diskBytes the virtual size
 * @param clusterBytes the cluster size
 * @param l2CacheBytes the {@code l2-cache-size} that covers the disk: a multiple of the cluster
 *     size
 * @param refcountCacheBytes the refcount cache that comes with it
 * @param defaultL2CacheBytes the {@code l2-cache-size} where no option is given
 */
public record CacheAdvice(
    long diskBytes,
    int clusterBytes,
    long l2CacheBytes,
    long refcountCacheBytes,
    long defaultL2CacheBytes) {
  private static final int L2_ENTRY_BYTES = 8;

  /**
   * Advice for an image.
   *
   * @param diskBytes its virtual size, not negative
   * @param clusterBytes its cluster size, a power of two from 512 to 2 MiB
   */
  public static CacheAdvice of(long diskBytes, int clusterBytes) {
    long clusters = (diskBytes + clusterBytes - 1) >>> Integer.numberOfTrailingZeros(clusterBytes);
    long tables = (clusters * L2_ENTRY_BYTES + clusterBytes - 1) & -(long) clusterBytes;
    long covering = Math.max(tables, (long) CacheSizes.MINIMUM_L2_CLUSTERS * clusterBytes);
    return new CacheAdvice(
        diskBytes,
        clusterBytes,
        covering,
        CacheSizes.refcountBytesFor(covering, clusterBytes),
        CacheSizes.defaultL2Bytes(clusterBytes));
  }

  /** How many bytes of a disk a cache of this size covers. */
  public static long coveredBytes(long l2CacheBytes, int clusterBytes) {
    return Math.multiplyExact(l2CacheBytes / L2_ENTRY_BYTES, clusterBytes);
  }

  /** Whether the default covers the disk already. */
  public boolean defaultSuffices() {
    return coveredBytes(defaultL2CacheBytes, clusterBytes) >= diskBytes;
  }

  /** Bytes of memory that both caches take at most, for each image of a chain. */
  public long costBytes() {
    return l2CacheBytes + refcountCacheBytes;
  }

  /**
   * The {@code -drive} string that gives an image this cache.
   *
   * @param fileName the image's name; its commas are doubled
   */
  public String driveString(String fileName) {
    return "file=%s,format=qcow2,l2-cache-size=%d"
        .formatted(fileName.replace(",", ",,"), l2CacheBytes);
  }
}

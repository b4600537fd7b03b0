package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much metadata an image's caches may hold.
 *
 * <p>Where the user gives no {@code l2-cache-entry-size}, slices are of 4 KiB under either profile,
 * although QEMU 7.2 reads whole tables where the cache covers the disk: a slice is decoded once and
 * copied when it changes, and 512 entries are cheap to copy where 8192 are not. The bytes held are
 * the same.
 *
 * @param l2Bytes bytes of L2 tables; a multiple of {@code l2EntryBytes}
 * @param refcountBytes bytes of refcount blocks; a multiple of the cluster size
 * @param l2EntryBytes bytes of one slice, the unit in which L2 tables are cached
 */
record CacheSizes(long l2Bytes, long refcountBytes, int l2EntryBytes) {
  private static final long RATIO = 4;
  private static final long DEFAULT_L2_BYTES = 1 << 20;
  private static final long DEFAULT_L2_CLUSTERS = 8;
  private static final long DEFAULT_L2_BYTES_7_2 = 32 << 20;
  private static final int MINIMUM_L2_ENTRIES = 2;

  /** The least that the default profile gives the L2 cache. */
  static final int MINIMUM_L2_CLUSTERS = 2;

  private static final int MINIMUM_REFCOUNT_CLUSTERS = 4;
  private static final int DEFAULT_ENTRY_BYTES = 4096;

  /**
   * The sizes that the options give.
   *
   * @param diskBytes the virtual size
   * @throws OptionException if the options contradict each other or the image
   */
  static CacheSizes of(OptionValues options, ClusterGeometry geometry, long diskBytes)
      throws OptionException {
    Optional<Long> both = options.given(Qcow2Options.CACHE_SIZE);
    Optional<Long> l2 = options.given(Qcow2Options.L2_CACHE_SIZE);
    Optional<Long> refcount = options.given(Qcow2Options.REFCOUNT_CACHE_SIZE);
    List<OptionProblem> problems = new ArrayList<>(CacheRules.together(options));
    problems.addAll(CacheRules.forClusters(options, geometry.clusterBytes()));
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
    int entryBytes =
        options
            .given(Qcow2Options.L2_CACHE_ENTRY_SIZE)
            .map(Math::toIntExact)
            .orElse(Math.min(geometry.clusterBytes(), DEFAULT_ENTRY_BYTES));
    return switch (options.get(Qcow2Options.CACHE_SIZING)) {
      case QEMU_2_5 -> byRatio(both, l2, refcount, geometry.clusterBytes(), entryBytes);
      case QEMU_7_2 -> byDisk(both, l2, refcount, geometry, diskBytes, entryBytes);
    };
  }

  /** The L2 cache where no option is given, in the default profile. */
  static long defaultL2Bytes(int clusterBytes) {
    return Math.max(DEFAULT_L2_BYTES, DEFAULT_L2_CLUSTERS * clusterBytes);
  }

  /** The refcount cache that goes with an L2 cache, in the default profile. */
  static long refcountBytesFor(long l2Bytes, int clusterBytes) {
    return Math.max(l2Bytes / RATIO, (long) MINIMUM_REFCOUNT_CLUSTERS * clusterBytes)
        & -clusterBytes;
  }

  /** The least that an option can ask for: less is taken for as much, in the default profile. */
  static long leastBytes(Option<Long> option, int clusterBytes) {
    int clusters = 0;
    if (option != Qcow2Options.REFCOUNT_CACHE_SIZE) {
      clusters += MINIMUM_L2_CLUSTERS;
    }
    if (option != Qcow2Options.L2_CACHE_SIZE) {
      clusters += MINIMUM_REFCOUNT_CLUSTERS;
    }
    return (long) clusters * clusterBytes;
  }

  private static CacheSizes byRatio(
      Optional<Long> both,
      Optional<Long> l2,
      Optional<Long> refcount,
      int clusterBytes,
      int entryBytes)
      throws OptionException {
    long l2Bytes;
    long refcountBytes;
    if (both.isPresent()) {
      refcountBytes =
          refcount.orElseGet(
              () -> l2.isPresent() ? both.get() - l2.get() : both.get() / (RATIO + 1));
      l2Bytes = l2.orElse(both.get() - refcountBytes);
    } else if (l2.isEmpty() && refcount.isPresent()) {
      refcountBytes = refcount.get();
      long mostL2Bytes = (long) Integer.MAX_VALUE * entryBytes;
      l2Bytes = Math.clamp(refcountBytes, 0, mostL2Bytes / RATIO) * RATIO;
    } else {
      l2Bytes = l2.orElse(defaultL2Bytes(clusterBytes));
      refcountBytes = refcount.orElse(l2Bytes / RATIO);
    }
    return whole(
        Math.max(l2Bytes, (long) MINIMUM_L2_CLUSTERS * clusterBytes) & -clusterBytes,
        refcountBytes,
        clusterBytes,
        entryBytes);
  }

  private static CacheSizes byDisk(
      Optional<Long> both,
      Optional<Long> l2,
      Optional<Long> refcount,
      ClusterGeometry geometry,
      long diskBytes,
      int entryBytes)
      throws OptionException {
    int clusterBytes = geometry.clusterBytes();
    long maximumL2Bytes =
        geometry.alignUp(geometry.clusterCount(diskBytes) * geometry.l2EntryBytes());
    long l2Bytes = Math.min(maximumL2Bytes, l2.orElse(DEFAULT_L2_BYTES_7_2));
    long refcountBytes = refcount.orElse(0L);
    if (both.isPresent()) {
      long minimumRefcountBytes = (long) MINIMUM_REFCOUNT_CLUSTERS * clusterBytes;
      if (l2.isPresent()) {
        refcountBytes = both.get() - l2Bytes;
      } else if (refcount.isPresent()) {
        l2Bytes = both.get() - refcountBytes;
      } else if (both.get() - minimumRefcountBytes >= maximumL2Bytes) {
        l2Bytes = maximumL2Bytes;
        refcountBytes = both.get() - l2Bytes;
      } else {
        refcountBytes = Math.min(both.get(), minimumRefcountBytes);
        l2Bytes = both.get() - refcountBytes;
      }
    }
    return whole(l2Bytes, refcountBytes, clusterBytes, entryBytes);
  }

  private static CacheSizes whole(
      long l2Bytes, long refcountBytes, int clusterBytes, int entryBytes) throws OptionException {
    long l2EntryCount = Math.max(l2Bytes / entryBytes, MINIMUM_L2_ENTRIES);
    long refcountBlockCount = Math.max(refcountBytes / clusterBytes, MINIMUM_REFCOUNT_CLUSTERS);
    if (l2EntryCount > Integer.MAX_VALUE) {
      throw new OptionException(
          OptionProblem.of(Qcow2Options.L2_CACHE_SIZE.name(), "L2 cache size too big"));
    }
    if (refcountBlockCount > Integer.MAX_VALUE) {
      throw new OptionException(
          OptionProblem.of(Qcow2Options.REFCOUNT_CACHE_SIZE.name(), "Refcount cache size too big"));
    }
    return new CacheSizes(l2EntryCount * entryBytes, refcountBlockCount * clusterBytes, entryBytes);
  }
}

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
  private static final int MINIMUM_ENTRY_BYTES = 512;
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
    checkTogether(both, l2, refcount);
    int entryBytes = entryBytes(options, geometry);
    return switch (options.get(Qcow2Options.CACHE_SIZING)) {
      case QEMU_2_5 -> {
        checkMultiples(options, geometry.clusterBytes());
        yield byRatio(both, l2, refcount, geometry.clusterBytes(), entryBytes);
      }
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
      l2Bytes = Math.clamp(refcountBytes, 0, Long.MAX_VALUE / RATIO) * RATIO;
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
      throw problem(Qcow2Options.L2_CACHE_SIZE, "L2 cache size too big");
    }
    if (refcountBlockCount > Integer.MAX_VALUE) {
      throw problem(Qcow2Options.REFCOUNT_CACHE_SIZE, "Refcount cache size too big");
    }
    return new CacheSizes(l2EntryCount * entryBytes, refcountBlockCount * clusterBytes, entryBytes);
  }

  private static void checkTogether(Optional<Long> both, Optional<Long> l2, Optional<Long> refcount)
      throws OptionException {
    if (both.isEmpty()) {
      return;
    }
    if (l2.isPresent() && refcount.isPresent()) {
      throw problem(
          Qcow2Options.CACHE_SIZE,
          "cache-size, l2-cache-size and refcount-cache-size may not be set at the same time");
    }
    if (l2.isPresent() && l2.get() > both.get()) {
      throw problem(Qcow2Options.L2_CACHE_SIZE, "l2-cache-size may not exceed cache-size");
    }
    if (refcount.isPresent() && refcount.get() > both.get()) {
      throw problem(
          Qcow2Options.REFCOUNT_CACHE_SIZE, "refcount-cache-size may not exceed cache-size");
    }
  }

  private static int entryBytes(OptionValues options, ClusterGeometry geometry)
      throws OptionException {
    int clusterBytes = geometry.clusterBytes();
    long bytes =
        options
            .given(Qcow2Options.L2_CACHE_ENTRY_SIZE)
            .orElse((long) Math.min(clusterBytes, DEFAULT_ENTRY_BYTES));
    if (bytes < MINIMUM_ENTRY_BYTES || bytes > clusterBytes || Long.bitCount(bytes) != 1) {
      throw problem(
          Qcow2Options.L2_CACHE_ENTRY_SIZE,
          "L2 cache entry size must be a power of two between %d and the cluster size (%d)"
              .formatted(MINIMUM_ENTRY_BYTES, clusterBytes));
    }
    return (int) bytes;
  }

  private static void checkMultiples(OptionValues options, int clusterBytes)
      throws OptionException {
    List<OptionProblem> problems = new ArrayList<>();
    for (Option<Long> option :
        List.of(
            Qcow2Options.CACHE_SIZE,
            Qcow2Options.L2_CACHE_SIZE,
            Qcow2Options.REFCOUNT_CACHE_SIZE)) {
      long bytes = options.given(option).orElse(0L);
      long below = bytes & -clusterBytes;
      if (bytes == below) {
        continue;
      }
      String nearest =
          bytes > Long.MAX_VALUE - clusterBytes
              ? "the nearest is " + below
              : "the nearest are %d and %d".formatted(below, below + clusterBytes);
      problems.add(
          new OptionProblem(
              option.name(),
              "%s must be a multiple of the cluster size (%d): %s"
                  .formatted(option.name(), clusterBytes, nearest),
              Long.toString(bytes),
              "a multiple of " + clusterBytes,
              Optional.empty()));
    }
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
  }

  private static OptionException problem(Option<?> option, String message) {
    return new OptionException(OptionProblem.of(option.name(), message));
  }
}

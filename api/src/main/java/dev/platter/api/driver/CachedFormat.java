package dev.platter.api.driver;

import java.util.List;

/** A format driver that keeps metadata in caches, and counts what they do. */
public interface CachedFormat {

  /** A snapshot of each cache's counters. */
  List<CacheStats> cacheStats();

  /** What the caches need so that all of the image's disk is mapped from memory. */
  CacheAdvice cacheAdvice();

  /**
   * The size of the cache that covers an image's disk.
   *
   * @param option the option that sets it: {@code l2-cache-size}
   * @param optionBytes the value to give it
   * @param costBytes the most that all caches of the image may then hold
   * @param readOnlyCostBytes the same where the image is opened for reading only
   * @param coveredBytes guest bytes that are covered by the size it has now
   * @param rule how the value follows from the disk, as a formula
   */
  record CacheAdvice(
      String option,
      long optionBytes,
      long costBytes,
      long readOnlyCostBytes,
      long coveredBytes,
      String rule) {}

  /**
   * The counters of one cache.
   *
   * @param name {@code l2} or {@code refcount}
   * @param capacityBytes the most it may hold
   * @param heldBytes what it holds now
   * @param entryBytes bytes of image metadata that one entry stands for
   * @param entries entries held now
   * @param dirtyEntries entries not yet written back
   * @param hits look-ups that found their entry
   * @param misses look-ups that had to read it
   * @param evictions entries dropped to make room
   * @param writeBacks entries written to the image
   * @param cleaned entries dropped because nobody had used them for a clean interval
   * @param coveredBytes how many bytes the entries held speak for: of the guest's disk, or, where a
   *     cache knows of the image's file, of that
   */
  record CacheStats(
      String name,
      long capacityBytes,
      long heldBytes,
      int entryBytes,
      int entries,
      int dirtyEntries,
      long hits,
      long misses,
      long evictions,
      long writeBacks,
      long cleaned,
      long coveredBytes) {

    /** Bytes held for each GiB that is covered; 0 where nothing is. */
    public double bytesPerCoveredGib() {
      return coveredBytes == 0 ? 0 : (double) heldBytes / coveredBytes * (1 << 30);
    }
  }
}

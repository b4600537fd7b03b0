package dev.platter.qcow2;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which cache sizes can be asked for; in QEMU's words, and all mistakes at once. */
final class CacheRules {
  private static final List<Option<Long>> SIZES =
      List.of(
          Qcow2Options.CACHE_SIZE, Qcow2Options.L2_CACHE_SIZE, Qcow2Options.REFCOUNT_CACHE_SIZE);
  private static final int MINIMUM_ENTRY_BYTES = 512;

  private CacheRules() {}

  /** What is wrong with the sizes together, whatever the image. */
  static List<OptionProblem> together(OptionValues options) {
    if (SIZES.stream().allMatch(options::names)) {
      return List.of(
          OptionProblem.between(
              SIZES.stream().map(Option::name).toList(),
              "cache-size, l2-cache-size and refcount-cache-size may not be set at the same time"));
    }
    List<OptionProblem> problems = new ArrayList<>();
    Optional<Long> both = options.given(Qcow2Options.CACHE_SIZE);
    for (Option<Long> part : SIZES.subList(1, SIZES.size())) {
      Optional<Long> bytes = options.given(part);
      if (both.isPresent() && bytes.isPresent() && bytes.get() > both.get()) {
        problems.add(
            problem(
                part,
                bytes.get(),
                part.name() + " may not exceed cache-size",
                "at most " + both.get()));
      }
    }
    return problems;
  }

  /** What is wrong with the sizes for an image of such clusters. */
  static List<OptionProblem> forClusters(OptionValues options, int clusterBytes) {
    List<OptionProblem> problems = new ArrayList<>();
    options
        .given(Qcow2Options.L2_CACHE_ENTRY_SIZE)
        .filter(bytes -> !isEntrySize(bytes, clusterBytes))
        .ifPresent(
            bytes ->
                problems.add(
                    problem(
                        Qcow2Options.L2_CACHE_ENTRY_SIZE,
                        bytes,
                        "L2 cache entry size must be a power of two between %d and the cluster size (%d)"
                            .formatted(MINIMUM_ENTRY_BYTES, clusterBytes),
                        "a power of two, %d to %d".formatted(MINIMUM_ENTRY_BYTES, clusterBytes))));
    if (options.get(Qcow2Options.CACHE_SIZING) == CacheSizing.QEMU_2_5) {
      for (Option<Long> option : SIZES) {
        options
            .given(option)
            .flatMap(bytes -> notMultiple(option, bytes, clusterBytes))
            .ifPresent(problems::add);
      }
    }
    return problems;
  }

  private static boolean isEntrySize(long bytes, int clusterBytes) {
    return bytes >= MINIMUM_ENTRY_BYTES && bytes <= clusterBytes && Long.bitCount(bytes) == 1;
  }

  private static Optional<OptionProblem> notMultiple(
      Option<Long> option, long bytes, int clusterBytes) {
    long below = bytes & -clusterBytes;
    if (bytes == below) {
      return Optional.empty();
    }
    String nearest;
    long least = CacheSizes.leastBytes(option, clusterBytes);
    if (bytes < least) {
      nearest = "the smallest useful one is " + least;
    } else if (bytes > Long.MAX_VALUE - clusterBytes) {
      nearest = "the nearest is " + below;
    } else {
      nearest = "the nearest are %d and %d".formatted(below, below + clusterBytes);
    }
    return Optional.of(
        problem(
            option,
            bytes,
            "%s must be a multiple of the cluster size (%d): %s"
                .formatted(option.name(), clusterBytes, nearest),
            "a multiple of " + clusterBytes));
  }

  private static OptionProblem problem(
      Option<Long> option, long found, String message, String allowed) {
    return new OptionProblem(
        option.name(), message, Long.toString(found), allowed, Optional.empty());
  }
}

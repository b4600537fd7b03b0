package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the runtime options come to for one image.
 *
 * @param caches the caches' sizes
 * @param sliceForm how the L2 cache keeps slices
 * @param cleanInterval after how long unused entries are dropped; zero never drops
 * @param passDiscardRequest whether a guest's discard frees the host's space
 * @param passDiscardOther whether other freed clusters free the host's space
 * @param discardNoUnref whether a guest range keeps its clusters when it is discarded
 * @param lazyRefcounts whether refcounts may be behind the image's tables until it is closed
 * @param overlapCheck which metadata writes are kept off
 */
record Qcow2Settings(
    CacheSizes caches,
    SliceForm sliceForm,
    Duration cleanInterval,
    boolean passDiscardRequest,
    boolean passDiscardOther,
    boolean discardNoUnref,
    boolean lazyRefcounts,
    Set<MetadataKind> overlapCheck) {

  private static final Set<String> SINCE_VERSION_3 =
      Set.of(Qcow2Options.LAZY_REFCOUNTS.name(), Qcow2Options.DISCARD_NO_UNREF.name());

  /**
   * Reads the options against the image that they are for.
   *
   * @throws OptionException with everything in which they contradict each other or the image
   */
  static Qcow2Settings of(OptionValues options, Qcow2Header header) throws OptionException {
    List<OptionProblem> problems = new ArrayList<>();
    boolean lazyRefcounts = lazyRefcounts(options, header, problems);
    addDiscards(options, header, problems);
    addEncryption(options, header, problems);
    problems.addAll(OverlapOptions.together(options));
    CacheSizes caches;
    try {
      caches = CacheSizes.of(options, header.geometry(), header.diskBytes());
    } catch (OptionException e) {
      problems.addAll(0, e.problems());
      throw new OptionException(problems);
    }
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
    return new Qcow2Settings(
        caches,
        options.get(Qcow2Options.L2_CACHE_FORM),
        Duration.ofSeconds(options.get(Qcow2Options.CACHE_CLEAN_INTERVAL)),
        options.given(Qcow2Options.PASS_DISCARD_REQUEST).orElse(true),
        options.get(Qcow2Options.PASS_DISCARD_OTHER),
        options.get(Qcow2Options.DISCARD_NO_UNREF),
        lazyRefcounts,
        OverlapOptions.kinds(options));
  }

  /**
   * Reads them again for an open image that has been changed. What version 2 does not know is
   * passed over: the image had it when it was opened, and may have been amended since.
   *
   * @throws OptionException as {@link #of}
   */
  static Qcow2Settings ofChanged(OptionValues options, Qcow2Header header) throws OptionException {
    return of(header.version() < 3 ? options.without(SINCE_VERSION_3) : options, header);
  }

  /** The same with refcounts that are never behind the tables. */
  Qcow2Settings withoutLazyRefcounts() {
    return new Qcow2Settings(
        caches,
        sliceForm,
        cleanInterval,
        passDiscardRequest,
        passDiscardOther,
        discardNoUnref,
        false,
        overlapCheck);
  }

  /** What is wrong with options together, whatever the image. */
  static List<OptionProblem> together(OptionValues options) {
    List<OptionProblem> problems = new ArrayList<>(CacheRules.together(options));
    problems.addAll(OverlapOptions.together(options));
    return problems;
  }

  private static boolean lazyRefcounts(
      OptionValues options, Qcow2Header header, List<OptionProblem> problems) {
    boolean lazy =
        options.given(Qcow2Options.LAZY_REFCOUNTS).orElse(header.features().lazyRefcounts());
    if (lazy && header.version() < 3) {
      problems.add(
          new OptionProblem(
              Qcow2Options.LAZY_REFCOUNTS.name(),
              "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level",
              "on",
              "off",
              Optional.empty()));
    }
    return lazy;
  }

  private static void addDiscards(
      OptionValues options, Qcow2Header header, List<OptionProblem> problems) {
    if (options.get(Qcow2Options.DISCARD_NO_UNREF) && header.version() < 3) {
      problems.add(
          new OptionProblem(
              Qcow2Options.DISCARD_NO_UNREF.name(),
              "discard-no-unref is only supported since qcow2 version 3",
              "on",
              "off",
              Optional.empty()));
    }
  }

  private static void addEncryption(
      OptionValues options, Qcow2Header header, List<OptionProblem> problems) {
    Optional<String> format = options.given(Qcow2Options.ENCRYPT_FORMAT);
    String actual =
        switch (header.cryptMethod()) {
          case Qcow2Header.CRYPT_NONE -> "";
          case Qcow2Header.CRYPT_AES -> "aes";
          default -> "luks";
        };
    if (format.isPresent() && !format.get().equals(actual)) {
      String message =
          actual.isEmpty()
              ? "No encryption in image header, but options specified format '%s'"
                  .formatted(format.get())
              : "Header reported '%s' encryption format but options specify '%s'"
                  .formatted(actual, format.get());
      problems.add(
          new OptionProblem(
              Qcow2Options.ENCRYPT_FORMAT.name(), message, format.get(), actual, Optional.empty()));
    }
  }
}

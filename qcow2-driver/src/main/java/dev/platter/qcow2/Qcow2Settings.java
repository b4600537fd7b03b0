package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What the runtime options come to for one image.
 *
 * @param caches the caches' sizes
 * @param cleanInterval after how long unused entries are dropped; zero never drops
 * @param passDiscardRequest whether a guest's discard frees the host's space
 * @param passDiscardOther whether other freed clusters free the host's space
 * @param lazyRefcounts whether refcounts may be behind the image's tables until it is closed
 * @param overlapCheck which metadata writes are kept off
 */
record Qcow2Settings(
    CacheSizes caches,
    Duration cleanInterval,
    boolean passDiscardRequest,
    boolean passDiscardOther,
    boolean lazyRefcounts,
    Set<MetadataKind> overlapCheck) {

  /**
   * Reads the options against the image that they are for.
   *
   * @throws OptionException if they contradict each other or the image
   * @throws UnsupportedFeatureException if one asks for what is not there yet
   */
  static Qcow2Settings of(OptionValues options, Qcow2Header header)
      throws OptionException, UnsupportedFeatureException {
    CacheSizes caches = CacheSizes.of(options, header.geometry(), header.diskBytes());
    boolean lazyRefcounts = lazyRefcounts(options, header);
    Set<MetadataKind> overlapCheck = OverlapOptions.read(options);
    checkEncryption(options, header);
    refuse(Qcow2Options.DISCARD_NO_UNREF, options.get(Qcow2Options.DISCARD_NO_UNREF));
    return new Qcow2Settings(
        caches,
        Duration.ofSeconds(options.get(Qcow2Options.CACHE_CLEAN_INTERVAL)),
        options.given(Qcow2Options.PASS_DISCARD_REQUEST).orElse(true),
        options.get(Qcow2Options.PASS_DISCARD_OTHER),
        lazyRefcounts,
        overlapCheck);
  }

  private static boolean lazyRefcounts(OptionValues options, Qcow2Header header)
      throws OptionException {
    boolean lazy =
        options.given(Qcow2Options.LAZY_REFCOUNTS).orElse(header.features().lazyRefcounts());
    if (lazy && header.version() < 3) {
      throw problem(
          Qcow2Options.LAZY_REFCOUNTS,
          "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level");
    }
    return lazy;
  }

  private static void checkEncryption(OptionValues options, Qcow2Header header)
      throws OptionException, UnsupportedFeatureException {
    Optional<String> format = options.given(Qcow2Options.ENCRYPT_FORMAT);
    if (format.isPresent() && header.cryptMethod() == Qcow2Header.CRYPT_NONE) {
      throw problem(
          Qcow2Options.ENCRYPT_FORMAT,
          "No encryption in image header, but options specified format '%s'"
              .formatted(format.get()));
    }
    refuse(Qcow2Options.ENCRYPT_FORMAT, format.isPresent());
    refuse(
        Qcow2Options.ENCRYPT_KEY_SECRET,
        options.given(Qcow2Options.ENCRYPT_KEY_SECRET).isPresent());
  }

  private static void refuse(Option<?> option, boolean asked) throws UnsupportedFeatureException {
    if (asked) {
      throw new UnsupportedFeatureException("not supported yet: " + option.name());
    }
  }

  private static OptionException problem(Option<?> option, String message) {
    return new OptionException(OptionProblem.of(option.name(), message));
  }
}

package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the runtime options come to for one image.
 *
 * @param caches the caches' sizes
 * @param cleanInterval after how long unused entries are dropped; zero never drops
 * @param passDiscardRequest whether a guest's discard frees the host's space
 * @param passDiscardOther whether other freed clusters free the host's space
 */
record Qcow2Settings(
    CacheSizes caches,
    Duration cleanInterval,
    boolean passDiscardRequest,
    boolean passDiscardOther) {

  private static final List<String> OVERLAP_TEMPLATES =
      List.of("none", "constant", "cached", "all");
  private static final String DEFAULT_OVERLAP_TEMPLATE = "cached";

  /**
   * Reads the options against the image that they are for.
   *
   * @throws OptionException if they contradict each other or the image
   * @throws UnsupportedFeatureException if one asks for what is not there yet
   */
  static Qcow2Settings of(OptionValues options, Qcow2Header header)
      throws OptionException, UnsupportedFeatureException {
    CacheSizes caches = CacheSizes.of(options, header.geometry(), header.diskBytes());
    checkLazyRefcounts(options, header);
    checkOverlap(options);
    checkEncryption(options, header);
    refuse(Qcow2Options.DISCARD_NO_UNREF, options.get(Qcow2Options.DISCARD_NO_UNREF));
    return new Qcow2Settings(
        caches,
        Duration.ofSeconds(options.get(Qcow2Options.CACHE_CLEAN_INTERVAL)),
        options.given(Qcow2Options.PASS_DISCARD_REQUEST).orElse(true),
        options.get(Qcow2Options.PASS_DISCARD_OTHER));
  }

  private static void checkLazyRefcounts(OptionValues options, Qcow2Header header)
      throws OptionException, UnsupportedFeatureException {
    boolean asked = options.given(Qcow2Options.LAZY_REFCOUNTS).orElse(false);
    if (asked && header.version() < 3) {
      throw problem(
          Qcow2Options.LAZY_REFCOUNTS,
          "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level");
    }
    refuse(Qcow2Options.LAZY_REFCOUNTS, asked);
  }

  private static void checkOverlap(OptionValues options)
      throws OptionException, UnsupportedFeatureException {
    Optional<String> given = options.given(Qcow2Options.OVERLAP_CHECK);
    Optional<String> template = options.given(Qcow2Options.OVERLAP_CHECK_TEMPLATE);
    if (given.isPresent() && template.isPresent() && !given.equals(template)) {
      throw problem(
          Qcow2Options.OVERLAP_CHECK,
          "Conflicting values for qcow2 options 'overlap-check' ('%s') and".formatted(given.get())
              + " 'overlap-check.template' ('%s')".formatted(template.get()));
    }
    String chosen = given.or(() -> template).orElse(DEFAULT_OVERLAP_TEMPLATE);
    if (!OVERLAP_TEMPLATES.contains(chosen)) {
      throw problem(
          Qcow2Options.OVERLAP_CHECK,
          "Unsupported value '%s' for qcow2 option 'overlap-check'. Allowed are any of the following: "
                  .formatted(chosen)
              + String.join(", ", OVERLAP_TEMPLATES));
    }
    refuse(Qcow2Options.OVERLAP_CHECK, !chosen.equals(DEFAULT_OVERLAP_TEMPLATE));
    for (Option<Boolean> part : Qcow2Options.OVERLAP_CHECK_PARTS.values()) {
      refuse(part, options.given(part).isPresent());
    }
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

package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.Optional;

/** Which options an image can be given, in QEMU's order and words. */
final class AmendRules {
  private static final long MAXIMUM_V2_STATE_BYTES = 0xffff_ffffL;

  private final OptionValues options;
  private final Qcow2Header header;
  private final Optional<SnapshotTable> snapshots;
  private final int version;
  private final long refcountBits;

  private AmendRules(OptionValues options, Qcow2Header header, Optional<SnapshotTable> snapshots) {
    this.options = options;
    this.header = header;
    this.snapshots = snapshots;
    this.version =
        options
            .given(Qcow2CreateOptions.COMPAT)
            .map(Qcow2CreateOptions.Compat::version)
            .orElse(header.version());
    this.refcountBits =
        options
            .given(Qcow2CreateOptions.REFCOUNT_BITS)
            .orElse((long) header.geometry().refcountBits());
  }

  /**
   * Lets an image be amended by returning.
   *
   * @throws OptionException if an option does not go with the image, or with another
   * @throws UnsupportedFeatureException if the image holds what an option rules out
   */
  static void check(OptionValues options, Qcow2Header header, Optional<SnapshotTable> snapshots)
      throws OptionException, UnsupportedFeatureException {
    AmendRules rules = new AmendRules(options, header, snapshots);
    rules.checkEncryption();
    rules.checkDataFile();
    rules.checkSize();
    rules.checkRefcountBits();
    rules.checkBacking();
    rules.checkLazyRefcounts();
    if (rules.version < header.version()) {
      rules.checkDowngrade();
    }
  }

  private void checkEncryption() throws OptionException, UnsupportedFeatureException {
    if (!Qcow2AmendOptions.changesEncryption(options)) {
      return;
    }
    if (header.cryptMethod() == Qcow2Header.CRYPT_NONE) {
      throw problem("encrypt", "Can't amend encryption options - encryption not present", "");
    }
    if (header.cryptMethod() != Qcow2Header.CRYPT_LUKS) {
      throw new UnsupportedFeatureException("Only LUKS encryption options can be amended");
    }
  }

  private void checkDataFile() throws OptionException {
    FeatureBits features = header.features();
    if (options.given(Qcow2CreateOptions.DATA_FILE).isPresent() && !features.dataFile()) {
      throw problem(
          Qcow2CreateOptions.DATA_FILE.name(),
          "data-file can only be set for images that use an external data file",
          "");
    }
    if (options.given(Qcow2CreateOptions.DATA_FILE_RAW).orElse(false) && !features.dataFileRaw()) {
      throw problem(
          Qcow2CreateOptions.DATA_FILE_RAW.name(),
          "data-file-raw cannot be set on existing images",
          "off");
    }
  }

  private void checkSize() throws UnsupportedFeatureException {
    if (options.given(Qcow2AmendOptions.SIZE).orElse(0L) % ImageResizer.SECTOR_BYTES != 0) {
      throw new UnsupportedFeatureException(ImageResizer.UNALIGNED_SIZE);
    }
  }

  private void checkRefcountBits() throws OptionException {
    if (Long.bitCount(refcountBits) != 1 || refcountBits > Long.SIZE) {
      throw problem(
          Qcow2CreateOptions.REFCOUNT_BITS.name(),
          "Refcount width must be a power of two and may not exceed 64 bits",
          "1, 2, 4, 8, 16, 32, 64");
    }
    boolean changes = refcountBits != header.geometry().refcountBits();
    if (changes && version < 3 && refcountBits != Short.SIZE) {
      throw problem(
          Qcow2CreateOptions.REFCOUNT_BITS.name(),
          "Refcount widths other than 16 bits require compatibility level 1.1 or above (use"
              + " compat=1.1 or greater)",
          "16");
    }
  }

  private void checkBacking() throws OptionException {
    Optional<String> file = options.given(Qcow2AmendOptions.BACKING_FILE);
    Optional<String> format = options.given(Qcow2AmendOptions.BACKING_FORMAT);
    Optional<String> formatNow =
        header
            .extension(HeaderExtension.BackingFormat.class)
            .map(HeaderExtension.BackingFormat::formatName);
    boolean named = file.isPresent() || format.isPresent();
    if (named && !(file.equals(header.backingFileName()) && format.equals(formatNow))) {
      throw problem(Qcow2AmendOptions.BACKING_FILE.name(), "Cannot amend the backing file", "");
    }
  }

  private void checkLazyRefcounts() throws OptionException {
    if (version < 3 && options.given(Qcow2CreateOptions.LAZY_REFCOUNTS).orElse(false)) {
      throw problem(
          Qcow2CreateOptions.LAZY_REFCOUNTS.name(),
          "Lazy refcounts only supported with compatibility level 1.1 and above (use compat=1.1 or"
              + " greater)",
          "off");
    }
  }

  private void checkDowngrade() throws UnsupportedFeatureException {
    FeatureBits features = header.features();
    if (refcountBits != Short.SIZE) {
      throw new UnsupportedFeatureException("compat=0.10 requires refcount_bits=16");
    }
    if (features.dataFile()) {
      throw new UnsupportedFeatureException("Cannot downgrade an image with a data file");
    }
    if (header.extension(HeaderExtension.Bitmaps.class).isPresent()) {
      throw new UnsupportedFeatureException(
          "Cannot downgrade an image with persistent bitmaps; remove them first");
    }
    long size = options.given(Qcow2AmendOptions.SIZE).orElse(header.diskBytes());
    boolean prevented =
        snapshots.stream()
            .flatMap(table -> table.snapshots().stream())
            .anyMatch(
                snapshot ->
                    snapshot.vmStateBytes() > MAXIMUM_V2_STATE_BYTES
                        || snapshot.diskBytes().orElse(header.diskBytes()) != size);
    if (prevented) {
      throw new UnsupportedFeatureException("Internal snapshots prevent downgrade of image");
    }
    long needed = features.incompatible() & ~(FeatureBits.DIRTY | FeatureBits.COMPRESSION_TYPE);
    if (needed != 0) {
      throw new UnsupportedFeatureException(
          "Cannot downgrade an image with incompatible features 0x%x set".formatted(needed));
    }
  }

  private static OptionException problem(String key, String message, String allowed) {
    return new OptionException(new OptionProblem(key, message, "", allowed, Optional.empty()));
  }
}

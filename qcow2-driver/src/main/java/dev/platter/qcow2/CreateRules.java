package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;

/** Which images can be created; in QEMU's order and words. Nothing is written before all hold. */
final class CreateRules {
  private static final int SMALLEST_EXTENDED_CLUSTER_BYTES = 16 << 10;
  private static final String NEEDS_V3 =
      "compatibility level 1.1 and above (use version=v3 or greater)";

  private final OptionValues options;
  private final int version;

  private CreateRules(OptionValues options) {
    this.options = options;
    this.version = options.get(Qcow2CreateOptions.COMPAT).version();
  }

  /** Checks everything that does not depend on the layout. */
  static void check(ImageCreation creation) throws OptionException, UnsupportedFeatureException {
    CreateRules rules = new CreateRules(creation.options());
    rules.checkClusterSize();
    rules.checkVersion();
    rules.checkRefcountBits();
    rules.checkPreallocation(creation.backing().isPresent());
    rules.refuseWhatIsNotThereYet();
  }

  private void checkClusterSize() throws OptionException {
    long bytes = options.get(Qcow2CreateOptions.CLUSTER_SIZE);
    if (Long.bitCount(bytes) != 1
        || bytes < 1 << ClusterGeometry.MINIMUM_CLUSTER_BITS
        || bytes > 1 << ClusterGeometry.MAXIMUM_CLUSTER_BITS) {
      throw problem(
          Qcow2CreateOptions.CLUSTER_SIZE,
          "Cluster size must be a power of two between 512 and 2048k");
    }
    if (options.get(Qcow2CreateOptions.EXTENDED_L2)
        && version >= 3
        && bytes < SMALLEST_EXTENDED_CLUSTER_BYTES) {
      throw problem(
          Qcow2CreateOptions.EXTENDED_L2,
          "Extended L2 entries are only supported with cluster sizes of at least %d bytes"
              .formatted(SMALLEST_EXTENDED_CLUSTER_BYTES));
    }
  }

  private void checkVersion() throws OptionException {
    needV3(
        Qcow2CreateOptions.EXTENDED_L2,
        options.get(Qcow2CreateOptions.EXTENDED_L2),
        "Extended L2 entries are only supported with ");
    needV3(
        Qcow2CreateOptions.LAZY_REFCOUNTS,
        options.get(Qcow2CreateOptions.LAZY_REFCOUNTS),
        "Lazy refcounts only supported with ");
    needV3(
        Qcow2CreateOptions.DATA_FILE,
        options.given(Qcow2CreateOptions.DATA_FILE).isPresent(),
        "External data files are only supported with ");
    needV3(
        Qcow2CreateOptions.COMPRESSION_TYPE,
        options.get(Qcow2CreateOptions.COMPRESSION_TYPE) != Qcow2CreateOptions.CompressionType.ZLIB,
        "Non-zlib compression type is only supported with ");
    if (options.get(Qcow2CreateOptions.DATA_FILE_RAW)
        && options.given(Qcow2CreateOptions.DATA_FILE).isEmpty()) {
      throw problem(Qcow2CreateOptions.DATA_FILE_RAW, "data-file-raw requires data-file");
    }
  }

  private void checkRefcountBits() throws OptionException {
    long bits = options.get(Qcow2CreateOptions.REFCOUNT_BITS);
    if (Long.bitCount(bits) != 1 || bits > Long.SIZE) {
      throw problem(
          Qcow2CreateOptions.REFCOUNT_BITS,
          "Refcount width must be a power of two and may not exceed 64 bits");
    }
    if (version < 3 && bits != Short.SIZE) {
      throw problem(
          Qcow2CreateOptions.REFCOUNT_BITS,
          "Different refcount widths than 16 bits require compatibility level 1.1 or above"
              + " (use version=v3 or greater)");
    }
  }

  private void checkPreallocation(boolean backed) throws OptionException {
    if (backed
        && options.get(Qcow2CreateOptions.PREALLOCATION) != Preallocation.OFF
        && !options.get(Qcow2CreateOptions.EXTENDED_L2)) {
      throw problem(
          Qcow2CreateOptions.PREALLOCATION,
          "Backing file and preallocation can only be used at the same time if extended_l2 is on");
    }
  }

  private void refuseWhatIsNotThereYet() throws UnsupportedFeatureException {
    refuse(Qcow2CreateOptions.EXTENDED_L2, options.get(Qcow2CreateOptions.EXTENDED_L2));
    refuse(
        Qcow2CreateOptions.COMPRESSION_TYPE,
        options.get(Qcow2CreateOptions.COMPRESSION_TYPE)
            != Qcow2CreateOptions.CompressionType.ZLIB);
    refuse(Qcow2CreateOptions.DATA_FILE, options.given(Qcow2CreateOptions.DATA_FILE).isPresent());
    refuse(Qcow2CreateOptions.ENCRYPTION, options.get(Qcow2CreateOptions.ENCRYPTION));
    refuse(
        Qcow2CreateOptions.ENCRYPT_FORMAT,
        options.given(Qcow2CreateOptions.ENCRYPT_FORMAT).isPresent());
    refuse(
        Qcow2CreateOptions.ENCRYPT_KEY_SECRET,
        options.given(Qcow2CreateOptions.ENCRYPT_KEY_SECRET).isPresent());
  }

  private void needV3(Option<?> option, boolean asked, String what) throws OptionException {
    if (asked && version < 3) {
      throw problem(option, what + NEEDS_V3);
    }
  }

  private static void refuse(Option<?> option, boolean asked) throws UnsupportedFeatureException {
    if (asked) {
      throw new UnsupportedFeatureException("not supported yet: " + option.name());
    }
  }

  static OptionException problem(Option<?> option, String message) {
    return new OptionException(OptionProblem.of(option.name(), message));
  }
}

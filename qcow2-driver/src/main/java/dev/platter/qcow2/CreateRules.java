package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which images can be created; in QEMU's order and words, and all mistakes at once. */
final class CreateRules {
  private static final int SMALLEST_EXTENDED_CLUSTER_BYTES = 16 << 10;
  private static final String NEEDS_V3 =
      "compatibility level 1.1 and above (use version=v3 or greater)";

  private final OptionValues options;
  private final int version;
  private final List<OptionProblem> problems = new ArrayList<>();

  private CreateRules(OptionValues options) {
    this.options = options;
    this.version = options.get(Qcow2CreateOptions.COMPAT).version();
  }

  /** Everything that is wrong and does not depend on the layout. */
  static List<OptionProblem> problems(ImageCreation creation) {
    CreateRules rules = new CreateRules(creation.options());
    rules.checkClusterSize();
    rules.checkVersion();
    rules.checkRefcountBits();
    rules.checkDataFile(creation.backing().isPresent());
    rules.checkPreallocation(creation.backing().isPresent());
    rules.problems.addAll(NewEncryption.problems(creation));
    rules.checkEncryptedPreallocation();
    return rules.problems;
  }

  /**
   * Lets an image be created by returning.
   *
   * @throws OptionException with everything that is wrong
   */
  static void check(ImageCreation creation) throws OptionException {
    List<OptionProblem> problems = problems(creation);
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
  }

  private void checkClusterSize() {
    long bytes = options.get(Qcow2CreateOptions.CLUSTER_SIZE);
    if (Long.bitCount(bytes) != 1
        || bytes < 1 << ClusterGeometry.MINIMUM_CLUSTER_BITS
        || bytes > 1 << ClusterGeometry.MAXIMUM_CLUSTER_BITS) {
      refuse(
          Qcow2CreateOptions.CLUSTER_SIZE,
          "Cluster size must be a power of two between 512 and 2048k",
          "a power of two, 512 to 2M");
    }
    if (options.get(Qcow2CreateOptions.EXTENDED_L2)
        && version >= 3
        && bytes < SMALLEST_EXTENDED_CLUSTER_BYTES) {
      refuse(
          Qcow2CreateOptions.EXTENDED_L2,
          "Extended L2 entries are only supported with cluster sizes of at least %d bytes"
              .formatted(SMALLEST_EXTENDED_CLUSTER_BYTES),
          "");
    }
  }

  private void checkVersion() {
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
  }

  private void checkDataFile(boolean backed) {
    if (!options.get(Qcow2CreateOptions.DATA_FILE_RAW)) {
      return;
    }
    if (options.given(Qcow2CreateOptions.DATA_FILE).isEmpty()) {
      refuse(Qcow2CreateOptions.DATA_FILE_RAW, "data-file-raw requires data-file", "");
    } else if (backed) {
      refuse(
          Qcow2CreateOptions.DATA_FILE_RAW,
          "Backing file and data-file-raw cannot be used at the same time",
          "off");
    } else if (encrypted()) {
      refuse(
          Qcow2CreateOptions.DATA_FILE_RAW,
          "Encryption and data-file-raw cannot be used at the same time",
          "off");
    }
  }

  private void checkRefcountBits() {
    long bits = options.get(Qcow2CreateOptions.REFCOUNT_BITS);
    if (Long.bitCount(bits) != 1 || bits > Long.SIZE) {
      refuse(
          Qcow2CreateOptions.REFCOUNT_BITS,
          "Refcount width must be a power of two and may not exceed 64 bits",
          "1, 2, 4, 8, 16, 32, 64");
    }
    if (version < 3 && bits != Short.SIZE) {
      refuse(
          Qcow2CreateOptions.REFCOUNT_BITS,
          "Different refcount widths than 16 bits require compatibility level 1.1 or above"
              + " (use version=v3 or greater)",
          "16");
    }
  }

  private void checkPreallocation(boolean backed) {
    if (backed
        && options.get(Qcow2CreateOptions.PREALLOCATION) != Preallocation.OFF
        && !options.get(Qcow2CreateOptions.EXTENDED_L2)) {
      refuse(
          Qcow2CreateOptions.PREALLOCATION,
          "Backing file and preallocation can only be used at the same time if extended_l2 is on",
          "off");
    }
  }

  /** Only a zero flag lets space that has been reserved read as zeros. */
  private void checkEncryptedPreallocation() {
    needV3(
        Qcow2CreateOptions.PREALLOCATION,
        encrypted() && options.get(Qcow2CreateOptions.PREALLOCATION) != Preallocation.OFF,
        "Preallocation of encrypted images is only supported with ");
  }

  private boolean encrypted() {
    return options.get(Qcow2CreateOptions.ENCRYPTION)
        || options.given(Qcow2CreateOptions.ENCRYPT_FORMAT).isPresent();
  }

  private void needV3(Option<?> option, boolean asked, String what) {
    if (asked && version < 3) {
      refuse(option, what + NEEDS_V3, "");
    }
  }

  private <T> void refuse(Option<T> option, String message, String allowed) {
    String found = options.given(option).map(option.type()::write).orElse("");
    problems.add(new OptionProblem(option.name(), message, found, allowed, Optional.empty()));
  }
}

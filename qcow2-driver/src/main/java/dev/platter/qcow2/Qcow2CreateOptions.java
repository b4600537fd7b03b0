package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionType;

/** The options of {@code create}, by the names that {@code qemu-img create -o} gives them. */
final class Qcow2CreateOptions {
  /** Which versions of QEMU can read the image. */
  enum Compat implements OptionType.Word {
    V0_10("0.10", 2),
    V1_1("1.1", 3),
    V2("v2", 2),
    V3("v3", 3);

    private final String word;
    private final int version;

    Compat(String word, int version) {
      this.word = word;
      this.version = version;
    }

    @Override
    public String word() {
      return word;
    }

    /** The header's version. */
    int version() {
      return version;
    }
  }

  /** How compressed clusters are stored. */
  enum CompressionType {
    ZLIB,
    ZSTD
  }

  static final Option<Long> CLUSTER_SIZE =
      Option.size("cluster_size")
          .defaultValue(65536L)
          .doc("The cluster size: a power of two from 512 to 2M.")
          .since("0.10")
          .build();
  static final Option<Compat> COMPAT =
      Option.choice("compat", Compat.class)
          .defaultValue(Compat.V1_1)
          .doc("0.10 (v2) for very old readers, else 1.1 (v3).")
          .since("1.1")
          .build();
  static final Option<Long> REFCOUNT_BITS =
      Option.number("refcount_bits", 0, Long.MAX_VALUE)
          .defaultValue(16L)
          .doc("Bits of one refcount: a power of two up to 64.")
          .since("2.3")
          .build();
  static final Option<Preallocation> PREALLOCATION =
      Option.choice("preallocation", Preallocation.class)
          .defaultValue(Preallocation.OFF)
          .doc("What is reserved at once: nothing, the metadata, or the space as well.")
          .since("0.12")
          .build();
  static final Option<Boolean> LAZY_REFCOUNTS =
      Option.flag("lazy_refcounts")
          .defaultValue(false)
          .doc("Let writers postpone refcount updates.")
          .since("1.2")
          .build();
  static final Option<CompressionType> COMPRESSION_TYPE =
      Option.choice("compression_type", CompressionType.class)
          .defaultValue(CompressionType.ZLIB)
          .doc("How compressed clusters are stored.")
          .since("5.1")
          .notSupportedYet(type -> type == CompressionType.ZSTD)
          .build();
  static final Option<Boolean> EXTENDED_L2 =
      Option.flag("extended_l2")
          .defaultValue(false)
          .doc("Allocate 32nds of a cluster.")
          .since("5.2")
          .notSupportedYet(on -> on)
          .build();
  static final Option<String> DATA_FILE =
      Option.text("data_file")
          .doc("The file that guest data goes to.")
          .since("4.0")
          .notSupportedYet()
          .build();
  static final Option<Boolean> DATA_FILE_RAW =
      Option.flag("data_file_raw")
          .defaultValue(false)
          .doc("Keep the external data file readable as a raw image.")
          .since("4.0")
          .notSupportedYet(on -> on)
          .build();
  static final Option<Boolean> ENCRYPTION =
      Option.flag("encryption")
          .defaultValue(false)
          .doc("Encrypt with AES; use encrypt.format.")
          .since("0.10")
          .notSupportedYet(on -> on)
          .build();
  static final Option<String> ENCRYPT_FORMAT =
      Option.text("encrypt.format")
          .doc("Encrypt the image: aes or luks.")
          .since("2.10")
          .notSupportedYet()
          .build();
  static final Option<String> ENCRYPT_KEY_SECRET =
      Option.text("encrypt.key-secret")
          .doc("The secret that holds the passphrase.")
          .since("2.10")
          .notSupportedYet()
          .build();

  /** All of them, in the order of documentation. */
  static final OptionSchema SCHEMA =
      OptionSchema.of(
          CLUSTER_SIZE,
          COMPAT,
          REFCOUNT_BITS,
          PREALLOCATION,
          LAZY_REFCOUNTS,
          COMPRESSION_TYPE,
          EXTENDED_L2,
          DATA_FILE,
          DATA_FILE_RAW,
          ENCRYPTION,
          ENCRYPT_FORMAT,
          ENCRYPT_KEY_SECRET);

  private Qcow2CreateOptions() {}
}

package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionType;
import java.util.List;

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
    ZLIB(Qcow2Header.COMPRESSION_DEFLATE),
    ZSTD(Qcow2Header.COMPRESSION_ZSTD);

    private final int number;

    CompressionType(int number) {
      this.number = number;
    }

    /** The header's word for it. */
    int number() {
      return number;
    }

    /** The bits of incompatible features that it takes. */
    long incompatible() {
      return this == ZLIB ? 0 : FeatureBits.COMPRESSION_TYPE;
    }
  }

  static final Option<Long> CLUSTER_SIZE =
      Option.size("cluster_size")
          .defaultValue(65536L)
          .doc("qcow2 cluster size")
          .since("0.10")
          .build();
  static final Option<Compat> COMPAT =
      Option.choice("compat", Compat.class)
          .defaultValue(Compat.V1_1)
          .doc("Compatibility level (v2 [0.10] or v3 [1.1])")
          .since("1.1")
          .build();
  static final Option<Long> REFCOUNT_BITS =
      Option.number("refcount_bits", 0, Long.MAX_VALUE)
          .defaultValue(16L)
          .doc("Width of a reference count entry in bits")
          .since("2.3")
          .build();
  static final Option<Preallocation> PREALLOCATION =
      Option.choice("preallocation", Preallocation.class)
          .defaultValue(Preallocation.OFF)
          .doc("Preallocation mode (allowed values: off, metadata, falloc, full)")
          .since("0.12")
          .build();
  static final Option<Boolean> LAZY_REFCOUNTS =
      Option.flag("lazy_refcounts")
          .defaultValue(false)
          .doc("Postpone refcount updates")
          .since("1.2")
          .build();
  static final Option<CompressionType> COMPRESSION_TYPE =
      Option.choice(
              "compression_type",
              CompressionType.class,
              "Parameter 'compression-type' does not accept value '%s'")
          .defaultValue(CompressionType.ZLIB)
          .doc("Compression method used for image cluster compression")
          .since("5.1")
          .build();
  static final Option<Boolean> EXTENDED_L2 =
      Option.flag("extended_l2").defaultValue(false).doc("Extended L2 tables").since("5.2").build();
  static final Option<String> DATA_FILE =
      Option.text("data_file").doc("File name of an external data file").since("4.0").build();
  static final Option<Boolean> DATA_FILE_RAW =
      Option.flag("data_file_raw")
          .defaultValue(false)
          .doc("The external data file must stay valid as a raw image")
          .since("4.0")
          .build();
  static final Option<Boolean> ENCRYPTION =
      Option.flag("encryption")
          .defaultValue(false)
          .doc("Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)")
          .since("0.10")
          .build();
  static final Option<String> ENCRYPT_FORMAT =
      Option.text("encrypt.format")
          .doc("Encrypt the image, format choices: 'aes', 'luks'")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_KEY_SECRET =
      Option.text("encrypt.key-secret")
          .doc("ID of secret providing qcow AES key or LUKS passphrase")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_CIPHER_ALG =
      Option.text("encrypt.cipher-alg")
          .doc("Name of encryption cipher algorithm")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_CIPHER_MODE =
      Option.text("encrypt.cipher-mode")
          .doc("Name of encryption cipher mode")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_IVGEN_ALG =
      Option.text("encrypt.ivgen-alg").doc("Name of IV generator algorithm").since("2.10").build();
  static final Option<String> ENCRYPT_IVGEN_HASH_ALG =
      Option.text("encrypt.ivgen-hash-alg")
          .doc("Name of IV generator hash algorithm")
          .since("2.10")
          .build();
  static final Option<String> ENCRYPT_HASH_ALG =
      Option.text("encrypt.hash-alg")
          .doc("Name of encryption hash algorithm")
          .since("2.10")
          .build();
  static final Option<Long> ENCRYPT_ITER_TIME =
      Option.number("encrypt.iter-time", 0, Long.MAX_VALUE)
          .doc("Time to spend in PBKDF in milliseconds")
          .since("2.10")
          .build();

  /** Those options of LUKS whose values are words. */
  static final List<Option<String>> ENCRYPT_WORDS =
      List.of(
          ENCRYPT_CIPHER_ALG,
          ENCRYPT_CIPHER_MODE,
          ENCRYPT_IVGEN_ALG,
          ENCRYPT_IVGEN_HASH_ALG,
          ENCRYPT_HASH_ALG);

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
          ENCRYPT_KEY_SECRET,
          ENCRYPT_CIPHER_ALG,
          ENCRYPT_CIPHER_MODE,
          ENCRYPT_IVGEN_ALG,
          ENCRYPT_IVGEN_HASH_ALG,
          ENCRYPT_HASH_ALG,
          ENCRYPT_ITER_TIME);

  private Qcow2CreateOptions() {}
}

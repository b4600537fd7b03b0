package dev.platter.qcow2;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.util.List;

/** The options of {@code amend}, by the names that {@code qemu-img amend -o} gives them. */
final class Qcow2AmendOptions {
  static final Option<String> BACKING_FILE =
      Option.text("backing_file").doc("File name of a base image").since("1.1").build();
  static final Option<String> BACKING_FORMAT =
      Option.text("backing_fmt").doc("Image format of the base image").since("1.1").build();
  static final Option<Long> SIZE =
      Option.size("size").doc("Virtual disk size").since("1.1").build();

  static final Option<String> ENCRYPT_STATE =
      Option.text("encrypt.state")
          .doc("Select new state of affected keyslots (active/inactive)")
          .since("5.1")
          .build();
  static final Option<String> ENCRYPT_NEW_SECRET =
      Option.text("encrypt.new-secret")
          .doc("New secret to set in the matching keyslots. Empty string to erase")
          .since("5.1")
          .build();
  static final Option<String> ENCRYPT_OLD_SECRET =
      Option.text("encrypt.old-secret")
          .doc("Select all keyslots that match this password")
          .since("5.1")
          .build();
  static final Option<Long> ENCRYPT_KEYSLOT =
      Option.number("encrypt.keyslot", 0, Integer.MAX_VALUE)
          .doc("Select a single keyslot to modify explicitly")
          .since("5.1")
          .build();
  static final Option<Long> ENCRYPT_ITER_TIME =
      Option.number("encrypt.iter-time", 0, Long.MAX_VALUE)
          .doc("Time to spend in PBKDF in milliseconds")
          .since("5.1")
          .build();

  /** Changes of LUKS key slots. */
  static final List<Option<?>> ENCRYPTION =
      List.of(
          ENCRYPT_STATE,
          ENCRYPT_NEW_SECRET,
          ENCRYPT_OLD_SECRET,
          ENCRYPT_KEYSLOT,
          ENCRYPT_ITER_TIME);

  /** All of them, in the order of documentation. */
  static final OptionSchema SCHEMA =
      OptionSchema.of(
              SIZE,
              Qcow2CreateOptions.COMPAT,
              BACKING_FILE,
              BACKING_FORMAT,
              Qcow2CreateOptions.DATA_FILE,
              Qcow2CreateOptions.DATA_FILE_RAW,
              Qcow2CreateOptions.LAZY_REFCOUNTS,
              Qcow2CreateOptions.REFCOUNT_BITS)
          .and(OptionSchema.of(ENCRYPTION.toArray(Option[]::new)));

  private Qcow2AmendOptions() {}

  /** Whether key slots are to change. */
  static boolean changesEncryption(OptionValues options) {
    return ENCRYPTION.stream().anyMatch(option -> options.given(option).isPresent());
  }
}

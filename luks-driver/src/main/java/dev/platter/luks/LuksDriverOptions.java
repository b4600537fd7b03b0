package dev.platter.luks;

import dev.platter.api.Preallocation;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.crypto.KeySlotChange;
import dev.platter.crypto.LuksOptions;
import java.util.List;

/** The options of the driver {@code luks}, by QEMU's names. */
final class LuksDriverOptions {
  static final Option<String> KEY_SECRET =
      Option.text("key-secret")
          .doc("The secret that holds a passphrase of the volume.")
          .since("2.6")
          .build();
  static final OptionSchema SCHEMA = OptionSchema.of(KEY_SECRET);

  static final Option<String> NEW_KEY_SECRET =
      Option.text("key-secret")
          .doc("ID of the secret that provides the keyslot passphrase")
          .since("2.6")
          .build();
  static final Option<Long> ITERATION_MILLIS =
      Option.number(LuksOptions.ITERATION_MILLIS, 0, Long.MAX_VALUE)
          .doc("Time to spend in PBKDF in milliseconds")
          .since("2.8")
          .build();
  static final Option<Preallocation> PREALLOCATION =
      Option.choice("preallocation", Preallocation.class)
          .defaultValue(Preallocation.OFF)
          .doc("Preallocation mode (allowed values: off, falloc, full)")
          .since("2.12")
          .build();

  /** Those options of a new volume whose values are words. */
  static final List<Option<String>> WORDS =
      List.of(
          word(LuksOptions.CIPHER_ALGORITHM, "Name of encryption cipher algorithm"),
          word(LuksOptions.CIPHER_MODE, "Name of encryption cipher mode"),
          word(LuksOptions.IV_ALGORITHM, "Name of IV generator algorithm"),
          word(LuksOptions.IV_HASH, "Name of IV generator hash algorithm"),
          word(LuksOptions.HASH, "Name of encryption hash algorithm"));

  static final OptionSchema CREATE_SCHEMA =
      OptionSchema.of(NEW_KEY_SECRET)
          .and(OptionSchema.of(WORDS.toArray(Option[]::new)))
          .and(OptionSchema.of(ITERATION_MILLIS, PREALLOCATION));

  static final Option<String> STATE =
      Option.text(KeySlotChange.STATE)
          .doc("Select new state of affected keyslots (active/inactive)")
          .since("5.1")
          .build();
  static final Option<String> NEW_SECRET =
      Option.text(KeySlotChange.NEW_SECRET)
          .doc("New secret to set in the matching keyslots. Empty string to erase")
          .since("5.1")
          .build();
  static final Option<String> OLD_SECRET =
      Option.text(KeySlotChange.OLD_SECRET)
          .doc("Select all keyslots that match this password")
          .since("5.1")
          .build();
  static final Option<Long> KEY_SLOT =
      Option.number(KeySlotChange.KEY_SLOT, 0, Integer.MAX_VALUE)
          .doc("Select a single keyslot to modify explicitly")
          .since("5.1")
          .build();
  static final OptionSchema AMEND_SCHEMA =
      OptionSchema.of(STATE, NEW_SECRET, OLD_SECRET, KEY_SLOT, ITERATION_MILLIS);

  private LuksDriverOptions() {}

  private static Option<String> word(String name, String doc) {
    return Option.text(name).doc(doc).since("2.6").build();
  }
}

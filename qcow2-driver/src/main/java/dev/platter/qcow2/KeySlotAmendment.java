package dev.platter.qcow2;

import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Secret;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.KeySlotChange;
import dev.platter.crypto.LuksVolume;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Changes which passphrases open a LUKS image. */
final class KeySlotAmendment {
  private static final String PREFIX = "encrypt.";

  private final FormatOpening opening;
  private final OptionValues options;
  private final boolean force;

  KeySlotAmendment(FormatOpening opening, Amendment amendment) {
    this.opening = opening;
    this.options = amendment.options();
    this.force = amendment.force();
  }

  /**
   * Makes the change, durably.
   *
   * @throws OptionException if it cannot be made; nothing has been written
   */
  void perform(ImageFile file, Qcow2Header header) throws IOException {
    try {
      KeySlotChange change = change();
      LuksVolume volume = ImageEncryption.volume(file, header);
      if (change.activates()) {
        try (Secret own = own();
            Secret added = secret(Qcow2AmendOptions.ENCRYPT_NEW_SECRET).orElseThrow()) {
          change.activate(volume, own.bytes(), added.bytes());
        }
      } else {
        Optional<Secret> old = secret(Qcow2AmendOptions.ENCRYPT_OLD_SECRET);
        try {
          change.erase(volume, old.map(Secret::bytes));
        } finally {
          old.ifPresent(Secret::close);
        }
      }
    } catch (CryptoException e) {
      String option = e.option().isEmpty() ? KeySlotChange.STATE : e.option();
      throw new OptionException(OptionProblem.of(PREFIX + option, e.getMessage()));
    }
  }

  private KeySlotChange change() throws CryptoException {
    Set<String> secrets = new LinkedHashSet<>();
    if (options.given(Qcow2AmendOptions.ENCRYPT_NEW_SECRET).isPresent()) {
      secrets.add(KeySlotChange.NEW_SECRET);
    }
    if (options.given(Qcow2AmendOptions.ENCRYPT_OLD_SECRET).isPresent()) {
      secrets.add(KeySlotChange.OLD_SECRET);
    }
    return KeySlotChange.parse(
        options.given(Qcow2AmendOptions.ENCRYPT_STATE),
        secrets,
        options.given(Qcow2AmendOptions.ENCRYPT_KEYSLOT),
        options.given(Qcow2AmendOptions.ENCRYPT_ITER_TIME),
        force);
  }

  /** The passphrase with which the image was opened. */
  private Secret own() throws OptionException {
    String option = Qcow2Options.ENCRYPT_KEY_SECRET.name();
    String id =
        opening
            .options()
            .given(Qcow2Options.ENCRYPT_KEY_SECRET)
            .orElseThrow(() -> ImageEncryption.missingSecret(option));
    return opening.environment().secrets().passphrase(option, id);
  }

  private Optional<Secret> secret(Option<String> option) throws OptionException {
    Optional<String> id = options.given(option);
    return id.isEmpty()
        ? Optional.empty()
        : Optional.of(opening.environment().secrets().passphrase(option.name(), id.get()));
  }
}

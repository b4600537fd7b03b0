package dev.platter.luks;

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

/** Changes which passphrases open a volume. */
final class KeySlotAmendment {
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
  void perform(LuksVolume volume) throws IOException {
    try {
      KeySlotChange change = change();
      if (change.activates()) {
        try (Secret own = LuksDriverProvider.passphrase(opening);
            Secret added = secret(LuksDriverOptions.NEW_SECRET).orElseThrow()) {
          change.activate(volume, own.bytes(), added.bytes());
        }
      } else {
        Optional<Secret> old = secret(LuksDriverOptions.OLD_SECRET);
        try {
          change.erase(volume, old.map(Secret::bytes));
        } finally {
          old.ifPresent(Secret::close);
        }
      }
    } catch (CryptoException e) {
      String option = e.option().isEmpty() ? KeySlotChange.STATE : e.option();
      throw new OptionException(OptionProblem.of(option, e.getMessage()));
    }
  }

  private KeySlotChange change() throws CryptoException {
    Set<String> secrets = new LinkedHashSet<>();
    if (options.given(LuksDriverOptions.NEW_SECRET).isPresent()) {
      secrets.add(KeySlotChange.NEW_SECRET);
    }
    if (options.given(LuksDriverOptions.OLD_SECRET).isPresent()) {
      secrets.add(KeySlotChange.OLD_SECRET);
    }
    return KeySlotChange.parse(
        options.given(LuksDriverOptions.STATE),
        secrets,
        options.given(LuksDriverOptions.KEY_SLOT),
        options.given(LuksDriverOptions.ITERATION_MILLIS),
        force);
  }

  private Optional<Secret> secret(Option<String> option) throws OptionException {
    Optional<String> id = options.given(option);
    return id.isEmpty()
        ? Optional.empty()
        : Optional.of(opening.environment().secrets().passphrase(option.name(), id.get()));
  }
}

package dev.platter.qcow2;

import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Secret;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksKeySlots;
import dev.platter.crypto.LuksParameters;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/** Changes which passphrases open a LUKS image. */
final class KeySlotAmendment {
  private static final String ACTIVE = "active";
  private static final String INACTIVE = "inactive";

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
    String state =
        options
            .given(Qcow2AmendOptions.ENCRYPT_STATE)
            .orElseThrow(
                () -> problem(Qcow2AmendOptions.ENCRYPT_STATE, "Parameter 'state' is missing"));
    try {
      LuksKeySlots slots = new LuksKeySlots(ImageEncryption.volume(file, header));
      switch (state) {
        case ACTIVE -> add(slots);
        case INACTIVE -> erase(slots);
        default ->
            throw problem(
                Qcow2AmendOptions.ENCRYPT_STATE,
                "Parameter 'state' does not accept value '%s'".formatted(state));
      }
    } catch (CryptoException e) {
      throw problem(Qcow2AmendOptions.ENCRYPT_STATE, e.getMessage());
    }
  }

  private void add(LuksKeySlots slots) throws IOException {
    refuse(
        Qcow2AmendOptions.ENCRYPT_OLD_SECRET,
        "'old-secret' must not be given when activating keyslots");
    if (options.given(Qcow2AmendOptions.ENCRYPT_NEW_SECRET).isEmpty()) {
      throw problem(
          Qcow2AmendOptions.ENCRYPT_NEW_SECRET, "'new-secret' is required to activate a keyslot");
    }
    long millis =
        options
            .given(Qcow2AmendOptions.ENCRYPT_ITER_TIME)
            .orElse(LuksParameters.DEFAULT_ITERATION_MILLIS);
    if (millis < 1) {
      throw problem(Qcow2AmendOptions.ENCRYPT_ITER_TIME, "'iter-time' must be at least 1");
    }
    try (Secret own = own();
        Secret added = secret(Qcow2AmendOptions.ENCRYPT_NEW_SECRET).orElseThrow()) {
      slots.add(own.bytes(), added.bytes(), keySlot(), millis, force);
    }
  }

  private void erase(LuksKeySlots slots) throws IOException {
    refuse(
        Qcow2AmendOptions.ENCRYPT_NEW_SECRET,
        "'new-secret' must not be given when erasing keyslots");
    refuse(
        Qcow2AmendOptions.ENCRYPT_ITER_TIME, "'iter-time' must not be given when erasing keyslots");
    OptionalInt slot = keySlot();
    Optional<Secret> old = secret(Qcow2AmendOptions.ENCRYPT_OLD_SECRET);
    if (slot.isEmpty() && old.isEmpty()) {
      throw problem(
          Qcow2AmendOptions.ENCRYPT_STATE,
          "To erase keyslot(s), either explicit keyslot index or the password currently contained"
              + " in them must be given");
    }
    try {
      if (slot.isPresent()) {
        if (old.isPresent()) {
          slots.requireOpens(slot.getAsInt(), old.get().bytes());
        }
        slots.erase(slot.getAsInt(), force);
      } else {
        slots.erase(old.orElseThrow().bytes(), force);
      }
    } finally {
      old.ifPresent(Secret::close);
    }
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

  private OptionalInt keySlot() {
    Optional<Long> slot = options.given(Qcow2AmendOptions.ENCRYPT_KEYSLOT);
    return slot.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(slot.get()));
  }

  private void refuse(Option<?> option, String message) throws OptionException {
    if (options.given(option).isPresent()) {
      throw problem(option, message);
    }
  }

  private static OptionException problem(Option<?> option, String message) {
    return new OptionException(OptionProblem.of(option.name(), message));
  }
}

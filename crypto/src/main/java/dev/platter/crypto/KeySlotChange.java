package dev.platter.crypto;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A change of which passphrases open a volume, as options ask for it by QEMU's names.
 *
 * @param activates whether a slot is filled; if not, slots are erased
 * @param slotIndex the slot that is meant; empty for the first free one, or for those that a
 *     passphrase opens
 * @param iterationMillis how long an attempt with a new passphrase is to take
 * @param force whether it may cost the last way to open the volume
 */
public record KeySlotChange(
    boolean activates, OptionalInt slotIndex, long iterationMillis, boolean force) {
  public static final String STATE = "state";
  public static final String NEW_SECRET = "new-secret";
  public static final String OLD_SECRET = "old-secret";
  public static final String KEY_SLOT = "keyslot";

  private static final String ACTIVE = "active";
  private static final String INACTIVE = "inactive";

  /**
   * Reads what was asked for.
   *
   * @param state the option's value, if it was given
   * @param secrets which of {@link #NEW_SECRET} and {@link #OLD_SECRET} were given
   * @param keySlot the option's value, if it was given
   * @param millis the value of {@link LuksOptions#ITERATION_MILLIS}, if it was given
   * @param force whether to do it where that may cost the last way to open the volume
   * @throws CryptoException that names the option, if the options contradict each other
   */
  public static KeySlotChange parse(
      Optional<String> state,
      Set<String> secrets,
      Optional<Long> keySlot,
      Optional<Long> millis,
      boolean force)
      throws CryptoException {
    String wanted =
        state.orElseThrow(() -> new CryptoException(STATE, "Parameter 'state' is missing"));
    boolean activates = wanted.equals(ACTIVE);
    if (!activates && !wanted.equals(INACTIVE)) {
      throw new CryptoException(
          STATE, "Parameter 'state' does not accept value '%s'".formatted(wanted));
    }
    if (activates) {
      checkActivation(secrets, millis);
    } else {
      checkErasure(secrets, keySlot, millis);
    }
    OptionalInt slot =
        keySlot.isPresent() ? OptionalInt.of(Math.toIntExact(keySlot.get())) : OptionalInt.empty();
    return new KeySlotChange(
        activates, slot, millis.orElse(LuksParameters.DEFAULT_ITERATION_MILLIS), force);
  }

  private static void checkActivation(Set<String> secrets, Optional<Long> millis)
      throws CryptoException {
    if (secrets.contains(OLD_SECRET)) {
      throw new CryptoException(
          OLD_SECRET, "'old-secret' must not be given when activating keyslots");
    }
    if (!secrets.contains(NEW_SECRET)) {
      throw new CryptoException(NEW_SECRET, "'new-secret' is required to activate a keyslot");
    }
    if (millis.isPresent() && millis.get() < 1) {
      throw new CryptoException(LuksOptions.ITERATION_MILLIS, "'iter-time' must be at least 1");
    }
  }

  private static void checkErasure(
      Set<String> secrets, Optional<Long> keySlot, Optional<Long> millis) throws CryptoException {
    if (secrets.contains(NEW_SECRET)) {
      throw new CryptoException(NEW_SECRET, "'new-secret' must not be given when erasing keyslots");
    }
    if (millis.isPresent()) {
      throw new CryptoException(
          LuksOptions.ITERATION_MILLIS, "'iter-time' must not be given when erasing keyslots");
    }
    if (keySlot.isEmpty() && !secrets.contains(OLD_SECRET)) {
      throw new CryptoException(
          STATE,
          "To erase keyslot(s), either explicit keyslot index or the password currently contained"
              + " in them must be given");
    }
  }

  /**
   * Lets a further passphrase open the volume, durably.
   *
   * @param own opens the volume now; the caller zeroes it
   * @param added is to open it as well; the caller zeroes it
   * @throws CryptoException if it cannot be done; nothing has been written
   */
  public void activate(LuksVolume volume, byte[] own, byte[] added) throws IOException {
    new LuksKeySlots(volume).add(own, added, slotIndex, iterationMillis, force);
  }

  /**
   * Lets passphrases no longer open the volume, durably.
   *
   * @param old opens the slots that are erased; empty if the slot is named. The caller zeroes it
   * @throws CryptoException if it cannot be done; nothing has been written
   */
  public void erase(LuksVolume volume, Optional<byte[]> old) throws IOException {
    LuksKeySlots slots = new LuksKeySlots(volume);
    if (slotIndex.isEmpty()) {
      slots.erase(old.orElseThrow(), force);
      return;
    }
    if (old.isPresent()) {
      slots.requireOpens(slotIndex.getAsInt(), old.get());
    }
    slots.erase(slotIndex.getAsInt(), force);
  }
}

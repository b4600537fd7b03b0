package dev.platter.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Changes which passphrases open a volume.
 *
 * <ul>
 *   <li>I1. A slot becomes active after everything that it needs is durable. What changes then, and
 *       when it becomes inactive, is its state alone: a slot may lie in two sectors.
 *   <li>I2. A slot becomes inactive, durably, before its key material is destroyed. So a power cut
 *       leaves no slot that claims to be in use and opens nothing.
 * </ul>
 */
public final class LuksKeySlots {
  /** How often key material is overwritten, for disks that keep traces. */
  private static final int ERASURES = 40;

  private final LuksVolume volume;
  private final SecureRandom random = new SecureRandom();

  /** The slots of a volume. */
  public LuksKeySlots(LuksVolume volume) {
    this.volume = volume;
  }

  /**
   * Lets a further passphrase open the volume.
   *
   * @param oldPassphrase opens the volume now
   * @param newPassphrase is to open it as well
   * @param slotIndex the slot to fill; by default the first one that is not in use
   * @param iterationMillis how long an attempt with the new passphrase is to take
   * @param force whether the slot may be in use
   * @return the slot
   * @throws CryptoException if the slot cannot be filled, or the old passphrase opens no slot;
   *     nothing has been written
   */
  public int add(
      byte[] oldPassphrase,
      byte[] newPassphrase,
      OptionalInt slotIndex,
      long iterationMillis,
      boolean force)
      throws IOException {
    int index = slotIndex.isPresent() ? checked(slotIndex.getAsInt()) : firstFree();
    LuksKeySlot old = volume.header().slots().get(index);
    if (!force && old.active()) {
      throw new CryptoException(
          "Refusing to overwrite active keyslot %d - please erase it first".formatted(index));
    }
    byte[] key = volume.findKey(oldPassphrase);
    LuksKeyMaterial.Filled filled;
    try {
      filled = volume.keyMaterial().seal(old, key, newPassphrase, iterationMillis, random);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
    if (old.active()) {
      store(index, old.with(LuksKeySlot.INACTIVE)); // I2
    }
    volume.storage().write(old.materialOffset(), filled.material());
    store(index, filled.slot().with(LuksKeySlot.INACTIVE));
    store(index, filled.slot()); // I1
    return index;
  }

  /**
   * Erases the slots that a passphrase opens.
   *
   * @param force whether none may be left
   * @throws CryptoException if there are none, or no others; nothing has been written
   */
  public void erase(byte[] passphrase, boolean force) throws IOException {
    List<Integer> matching = new ArrayList<>();
    for (int i = 0; i < LuksHeader.SLOT_COUNT; i++) {
      if (volume.opens(i, passphrase)) {
        matching.add(i);
      }
    }
    if (matching.isEmpty()) {
      throw new CryptoException("No keyslots match given (old) password for erase operation");
    }
    if (!force && matching.size() == activeCount()) {
      throw new CryptoException(
          "All the active keyslots match the (old) password that was given and erasing them will"
              + " erase all the data in the image irreversibly - refusing operation");
    }
    for (int index : matching) {
      erase(index);
    }
  }

  /**
   * Erases a slot.
   *
   * @param force whether it may be the last one
   * @throws CryptoException if there is no such slot, or no other; nothing has been written
   */
  public void erase(int slotIndex, boolean force) throws IOException {
    checked(slotIndex);
    if (!force && !volume.header().slots().get(slotIndex).active()) {
      throw new CryptoException(
          "Given keyslot %d is already erased (inactive) ".formatted(slotIndex));
    }
    if (!force && activeCount() == 1) {
      throw new CryptoException(
          ("Attempt to erase the only active keyslot %d which will erase all the data in the image"
                  + " irreversibly - refusing operation")
              .formatted(slotIndex));
    }
    erase(slotIndex);
  }

  /**
   * Lets a slot pass that a passphrase opens.
   *
   * @throws CryptoException if it does not
   */
  public void requireOpens(int slotIndex, byte[] passphrase) throws IOException {
    if (!volume.opens(checked(slotIndex), passphrase)) {
      throw new CryptoException(
          "Given keyslot %d doesn't contain the given old password for erase operation"
              .formatted(slotIndex));
    }
  }

  private void erase(int slotIndex) throws IOException {
    LuksKeySlot slot = volume.header().slots().get(slotIndex);
    store(slotIndex, slot.with(LuksKeySlot.INACTIVE)); // I2
    store(slotIndex, LuksKeySlot.inactive(slot.materialSector()));
    byte[] garbage = new byte[LuksKeySlot.materialBytes(volume.cipher().keyBytes())];
    for (int i = 0; i < ERASURES; i++) {
      random.nextBytes(garbage);
      volume.storage().write(slot.materialOffset(), garbage);
    }
    volume.storage().flush();
  }

  /** Writes one slot of the header, durably, with what was written before. */
  private void store(int slotIndex, LuksKeySlot slot) throws IOException {
    volume.storage().flush();
    ByteBuffer bytes = ByteBuffer.allocate(LuksKeySlot.BYTES);
    slot.put(bytes);
    volume.storage().write(LuksHeader.slotOffset(slotIndex), bytes.array());
    volume.storage().flush();
    volume.replace(slotIndex, slot);
  }

  private int firstFree() throws CryptoException {
    for (int i = 0; i < LuksHeader.SLOT_COUNT; i++) {
      if (!volume.header().slots().get(i).active()) {
        return i;
      }
    }
    throw new CryptoException("Can't add a keyslot - all keyslots are in use");
  }

  private long activeCount() {
    return volume.header().slots().stream().filter(LuksKeySlot::active).count();
  }

  private static int checked(int slotIndex) throws CryptoException {
    if (slotIndex < 0 || slotIndex >= LuksHeader.SLOT_COUNT) {
      throw new CryptoException(
          "Invalid keyslot %d specified, must be between 0 and %d"
              .formatted(slotIndex, LuksHeader.SLOT_COUNT - 1));
    }
    return slotIndex;
  }
}

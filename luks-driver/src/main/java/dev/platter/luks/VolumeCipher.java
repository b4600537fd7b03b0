package dev.platter.luks;

import dev.platter.api.driver.DataCipher;
import dev.platter.crypto.SectorCipher;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Encrypts the sectors of a disk, which are counted from the disk's first.
 *
 * @param cipher with the volume's key; empty while a volume is only looked at
 */
record VolumeCipher(Optional<SectorCipher> cipher) implements DataCipher, AutoCloseable {

  @Override
  public void encrypt(
      long hostOffset, long guestOffset, MemorySegment plain, MemorySegment stored) {
    unlocked().encrypt(guestOffset / SECTOR_BYTES, plain, stored);
  }

  @Override
  public void decrypt(
      long hostOffset, long guestOffset, MemorySegment stored, MemorySegment plain) {
    unlocked().decrypt(guestOffset / SECTOR_BYTES, stored, plain);
  }

  private SectorCipher unlocked() {
    return cipher.orElseThrow(
        () -> new IllegalStateException("the volume was opened without its key"));
  }

  @Override
  public void close() {
    cipher.ifPresent(SectorCipher::close);
  }
}

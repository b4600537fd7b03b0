package dev.platter.crypto;

import java.nio.ByteBuffer;

/**
 * One key slot of a volume's header: how a passphrase becomes the key of the key material.
 *
 * @param state {@link #ACTIVE} or {@link #INACTIVE}
 * @param iterations of the key derivation
 * @param salt of the key derivation, 32 bytes
 * @param materialSector where the key material begins, in sectors of 512 bytes
 * @param stripeCount into how many stripes the key was split
 */
@SuppressWarnings("ArrayRecordComponent") // shared within the package, and never written
record LuksKeySlot(int state, long iterations, byte[] salt, long materialSector, long stripeCount) {
  static final int BYTES = 48;
  static final int SALT_BYTES = 32;
  static final int STRIPES = 4000;
  static final int ACTIVE = 0x00ac_71f3;
  static final int INACTIVE = 0x0000_dead;

  /** A slot that is not in use. */
  static LuksKeySlot inactive(long materialSector) {
    return new LuksKeySlot(INACTIVE, 0, new byte[SALT_BYTES], materialSector, STRIPES);
  }

  static LuksKeySlot take(ByteBuffer bytes) {
    int state = bytes.getInt();
    long iterations = Integer.toUnsignedLong(bytes.getInt());
    byte[] salt = new byte[SALT_BYTES];
    bytes.get(salt);
    long materialSector = Integer.toUnsignedLong(bytes.getInt());
    return new LuksKeySlot(
        state, iterations, salt, materialSector, Integer.toUnsignedLong(bytes.getInt()));
  }

  void put(ByteBuffer bytes) {
    bytes.putInt(state).putInt((int) iterations).put(salt);
    bytes.putInt((int) materialSector).putInt((int) stripeCount);
  }

  boolean active() {
    return state == ACTIVE;
  }

  /** The same slot with another state. */
  LuksKeySlot with(int newState) {
    return new LuksKeySlot(newState, iterations, salt, materialSector, stripeCount);
  }

  long materialOffset() {
    return materialSector * SectorCipher.SECTOR_BYTES;
  }

  /** Bytes of the stripes of a key, which are encrypted in whole sectors: zeros fill the last. */
  static int materialBytes(int keyBytes) {
    int sectors = Math.ceilDiv(Math.multiplyExact(keyBytes, STRIPES), SectorCipher.SECTOR_BYTES);
    return sectors * SectorCipher.SECTOR_BYTES;
  }
}

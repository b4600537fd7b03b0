package dev.platter.crypto;

import java.security.SecureRandom;
import java.util.Arrays;

/** How a volume's key lies in a key slot: split, and encrypted with a key of the passphrase. */
record LuksKeyMaterial(CipherSpec cipher, HashAlgorithm hash) {
  private static final long LEAST_SLOT_ITERATIONS = 1000;

  /** A slot and what belongs to it. */
  @SuppressWarnings("ArrayRecordComponent") // handed over once
  record Filled(LuksKeySlot slot, byte[] material) {}

  /**
   * Fills a slot.
   *
   * @param empty the slot, for its place
   * @param key the volume's key
   * @param iterationMillis how long an attempt with the passphrase is to take
   */
  Filled seal(
      LuksKeySlot empty, byte[] key, byte[] passphrase, long iterationMillis, SecureRandom random)
      throws CryptoException {
    byte[] salt = new byte[LuksKeySlot.SALT_BYTES];
    random.nextBytes(salt);
    long iterations =
        Math.max(LEAST_SLOT_ITERATIONS, IterationCount.taking(hash, iterationMillis, key.length));
    checkIterations(iterations);
    LuksKeySlot slot =
        new LuksKeySlot(
            LuksKeySlot.ACTIVE, iterations, salt, empty.materialSector(), LuksKeySlot.STRIPES);
    byte[] stripes = AntiForensicSplit.split(hash, key, LuksKeySlot.STRIPES, random);
    byte[] material = Arrays.copyOf(stripes, LuksKeySlot.materialBytes(key.length));
    Arrays.fill(stripes, (byte) 0);
    byte[] slotKey = Pbkdf2.derive(hash, passphrase, salt, iterations, key.length);
    try (SectorCipher slotCipher = new SectorCipher(cipher, slotKey)) {
      slotCipher.encrypt(0, material);
    } finally {
      Arrays.fill(slotKey, (byte) 0);
    }
    return new Filled(slot, material);
  }

  /**
   * The key that a slot holds, if the passphrase is its; else other bytes.
   *
   * @param material the slot's key material; zeroed
   */
  byte[] open(LuksKeySlot slot, byte[] material, byte[] passphrase) {
    int keyBytes = cipher.keyBytes();
    byte[] slotKey = Pbkdf2.derive(hash, passphrase, slot.salt(), slot.iterations(), keyBytes);
    try (SectorCipher slotCipher = new SectorCipher(cipher, slotKey)) {
      slotCipher.decrypt(0, material);
      return AntiForensicSplit.merge(hash, material, keyBytes, LuksKeySlot.STRIPES);
    } finally {
      Arrays.fill(slotKey, (byte) 0);
      Arrays.fill(material, (byte) 0);
    }
  }

  /** Refuses a count that no header can hold. */
  static void checkIterations(long iterations) throws CryptoException {
    if (iterations > IterationCount.MAX) {
      throw new CryptoException(
          "PBKDF iterations %d larger than %d".formatted(iterations, IterationCount.MAX));
    }
  }
}

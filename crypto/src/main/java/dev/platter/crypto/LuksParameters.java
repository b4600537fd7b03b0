package dev.platter.crypto;

/**
 * How a new volume encrypts, and how hard its passphrase is to guess.
 *
 * @param cipher how sectors, and the key material, are encrypted
 * @param hash the hash of key derivations
 * @param iterationMillis how long an attempt with a passphrase is to take, at least 1
 */
public record LuksParameters(CipherSpec cipher, HashAlgorithm hash, long iterationMillis) {
  /** How long an attempt takes if nobody says. */
  public static final long DEFAULT_ITERATION_MILLIS = 2000;

  /** Bytes of header and key slots: where the encrypted sectors of a raw volume begin. */
  public long payloadOffset() {
    return (LuksHeader.HEADER_SECTORS
            + LuksHeader.SLOT_COUNT
                * LuksHeader.materialSectors(cipher.keyBytes(), LuksKeySlot.STRIPES))
        * SectorCipher.SECTOR_BYTES;
  }
}

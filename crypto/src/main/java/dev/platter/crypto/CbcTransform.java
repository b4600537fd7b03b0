package dev.platter.crypto;

import javax.crypto.Cipher;

/**
 * Each sector a chain of blocks of its own.
 *
 * <p>Starting a cipher anew for each sector is costly, so the vector is added by hand: to encrypt,
 * to the first plain block. All sectors are decrypted as one chain; that leaves the first block of
 * each mixed with the last encrypted one before it instead of its vector, which is put right
 * afterwards.
 */
final class CbcTransform implements SectorTransform {
  private static final int SECTOR_BYTES = SectorCipher.SECTOR_BYTES;
  private static final int BLOCK_BYTES = CipherAlgorithm.BLOCK_BYTES;

  private final Cipher encryption;
  private final Cipher decryption;
  private final IvGenerator ivGenerator;
  private final byte[] ivs = new byte[MAX_SECTORS * BLOCK_BYTES];

  CbcTransform(byte[] key, IvGenerator ivGenerator) {
    this.encryption = BlockCiphers.cbc(Cipher.ENCRYPT_MODE, key);
    this.decryption = BlockCiphers.cbc(Cipher.DECRYPT_MODE, key);
    this.ivGenerator = ivGenerator;
  }

  @Override
  public void encrypt(long sector, byte[] sectors, int count) {
    ivGenerator.fill(sector, ivs, count);
    for (int i = 0; i < count; i++) {
      int at = i * SECTOR_BYTES;
      addBlock(ivs, i * BLOCK_BYTES, sectors, at);
      BlockCiphers.apply(encryption, sectors, at, SECTOR_BYTES);
    }
  }

  @Override
  public void decrypt(long sector, byte[] sectors, int count) {
    ivGenerator.fill(sector, ivs, count);
    for (int i = 1; i < count; i++) {
      addBlock(sectors, i * SECTOR_BYTES - BLOCK_BYTES, ivs, i * BLOCK_BYTES);
    }
    BlockCiphers.apply(decryption, sectors, 0, count * SECTOR_BYTES);
    for (int i = 0; i < count; i++) {
      addBlock(ivs, i * BLOCK_BYTES, sectors, i * SECTOR_BYTES);
    }
  }

  private static void addBlock(byte[] from, int fromAt, byte[] to, int toAt) {
    for (int i = 0; i < BLOCK_BYTES; i++) {
      to[toAt + i] ^= from[fromAt + i];
    }
  }
}

package dev.platter.crypto;

import javax.crypto.Cipher;

/** Each block alone: equal blocks stay equal. */
final class EcbTransform implements SectorTransform {
  private final Cipher encryption;
  private final Cipher decryption;

  EcbTransform(byte[] key) {
    this.encryption = BlockCiphers.ecb(Cipher.ENCRYPT_MODE, key);
    this.decryption = BlockCiphers.ecb(Cipher.DECRYPT_MODE, key);
  }

  @Override
  public void encrypt(long sector, byte[] sectors, int count) {
    BlockCiphers.apply(encryption, sectors, 0, count * SectorCipher.SECTOR_BYTES);
  }

  @Override
  public void decrypt(long sector, byte[] sectors, int count) {
    BlockCiphers.apply(decryption, sectors, 0, count * SectorCipher.SECTOR_BYTES);
  }
}

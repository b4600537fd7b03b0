package dev.platter.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import javax.crypto.Cipher;

/**
 * XTS (IEEE 1619) out of AES in ECB mode, for sectors, which are whole blocks.
 *
 * <p>The tweaks of all blocks are made first, so that AES sees one long run of independent blocks:
 * the first tweaks of all sectors, and then the data of all sectors. On runs, the JDK uses all that
 * the processor has for AES.
 */
final class XtsTransform implements SectorTransform {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SECTOR_BYTES = SectorCipher.SECTOR_BYTES;
  private static final int BLOCK_BYTES = CipherAlgorithm.BLOCK_BYTES;

  /** The reduction polynomial of the field in which tweaks are doubled: x^7 + x^2 + x + 1. */
  private static final long REDUCTION = 0x87;

  private final Cipher encryption;
  private final Cipher decryption;
  private final Cipher tweakCipher;
  private final IvGenerator ivGenerator;
  private final byte[] firstTweaks = new byte[MAX_SECTORS * BLOCK_BYTES];
  private final byte[] tweaks = new byte[MAX_SECTORS * SECTOR_BYTES];

  XtsTransform(byte[] dataKey, byte[] tweakKey, IvGenerator ivGenerator) {
    this.encryption = BlockCiphers.ecb(Cipher.ENCRYPT_MODE, dataKey);
    this.decryption = BlockCiphers.ecb(Cipher.DECRYPT_MODE, dataKey);
    this.tweakCipher = BlockCiphers.ecb(Cipher.ENCRYPT_MODE, tweakKey);
    this.ivGenerator = ivGenerator;
  }

  @Override
  public void encrypt(long sector, byte[] sectors, int count) {
    apply(encryption, sector, sectors, count);
  }

  @Override
  public void decrypt(long sector, byte[] sectors, int count) {
    apply(decryption, sector, sectors, count);
  }

  private void apply(Cipher cipher, long sector, byte[] sectors, int count) {
    makeTweaks(sector, count);
    int length = count * SECTOR_BYTES;
    addTweaks(sectors, length);
    BlockCiphers.apply(cipher, sectors, 0, length);
    addTweaks(sectors, length);
  }

  private void makeTweaks(long sector, int count) {
    ivGenerator.fill(sector, firstTweaks, count);
    BlockCiphers.apply(tweakCipher, firstTweaks, 0, count * BLOCK_BYTES);
    for (int i = 0; i < count; i++) {
      long low = (long) LONG.get(firstTweaks, i * BLOCK_BYTES);
      long high = (long) LONG.get(firstTweaks, i * BLOCK_BYTES + Long.BYTES);
      int end = (i + 1) * SECTOR_BYTES;
      for (int at = i * SECTOR_BYTES; at < end; at += BLOCK_BYTES) {
        LONG.set(tweaks, at, low);
        LONG.set(tweaks, at + Long.BYTES, high);
        long carry = high >> 63;
        high = high << 1 | low >>> 63;
        low = low << 1 ^ (carry & REDUCTION);
      }
    }
  }

  private void addTweaks(byte[] sectors, int length) {
    for (int at = 0; at < length; at += Long.BYTES) {
      LONG.set(sectors, at, (long) LONG.get(sectors, at) ^ (long) LONG.get(tweaks, at));
    }
  }
}

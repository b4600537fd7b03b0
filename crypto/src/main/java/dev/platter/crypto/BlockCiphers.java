package dev.platter.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The JDK's AES, in the two modes that it has of those needed. */
final class BlockCiphers {
  private BlockCiphers() {}

  /** A cipher that treats each block alone. */
  static Cipher ecb(int operation, byte[] key) {
    try {
      Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(operation, new SecretKeySpec(key, "AES"));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES cannot be had", e);
    }
  }

  /** A cipher that chains blocks, from a vector of zeros on each time that it is applied. */
  static Cipher cbc(int operation, byte[] key) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
      byte[] zeros = new byte[CipherAlgorithm.BLOCK_BYTES];
      cipher.init(operation, new SecretKeySpec(key, "AES"), new IvParameterSpec(zeros));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES cannot be had", e);
    }
  }

  /** Transforms whole blocks in place. */
  static void apply(Cipher cipher, byte[] bytes, int at, int length) {
    try {
      cipher.doFinal(bytes, at, length, bytes, at);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("%d bytes are not whole blocks".formatted(length), e);
    }
  }
}

package dev.platter.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Spreads a key over many stripes, so that the loss of any part destroys it (LUKS on-disk format
 * 1.2.3, "Anti-forensic splitting").
 */
final class AntiForensicSplit {
  private AntiForensicSplit() {}

  /** The stripes, {@code stripeCount} times as long as the key. */
  static byte[] split(HashAlgorithm hash, byte[] key, int stripeCount, SecureRandom random) {
    byte[] stripes = new byte[Math.multiplyExact(key.length, stripeCount)];
    random.nextBytes(stripes);
    int lastAt = stripes.length - key.length;
    byte[] mixed = mix(hash, stripes, key.length, stripeCount);
    for (int i = 0; i < key.length; i++) {
      stripes[lastAt + i] = (byte) (mixed[i] ^ key[i]);
    }
    Arrays.fill(mixed, (byte) 0);
    return stripes;
  }

  /** The key that was split; what follows its stripes is ignored. */
  static byte[] merge(HashAlgorithm hash, byte[] stripes, int keyBytes, int stripeCount) {
    byte[] key = mix(hash, stripes, keyBytes, stripeCount);
    int lastAt = (stripeCount - 1) * keyBytes;
    for (int i = 0; i < keyBytes; i++) {
      key[i] ^= stripes[lastAt + i];
    }
    return key;
  }

  /** All stripes but the last, mixed. */
  private static byte[] mix(HashAlgorithm hash, byte[] stripes, int keyBytes, int stripeCount) {
    byte[] mixed = new byte[keyBytes];
    MessageDigest digest = hash.digest();
    for (int stripe = 0; stripe < stripeCount - 1; stripe++) {
      for (int i = 0; i < keyBytes; i++) {
        mixed[i] ^= stripes[stripe * keyBytes + i];
      }
      diffuse(digest, hash.digestBytes(), mixed);
    }
    return mixed;
  }

  /** Replaces each part of a digest's length by the digest of its index and itself. */
  private static void diffuse(MessageDigest digest, int digestBytes, byte[] bytes) {
    byte[] part = new byte[digestBytes];
    for (int at = 0, index = 0; at < bytes.length; at += digestBytes, index++) {
      int length = Math.min(digestBytes, bytes.length - at);
      digest.update(
          new byte[] {
            (byte) (index >>> 24), (byte) (index >>> 16), (byte) (index >>> 8), (byte) index
          });
      digest.update(bytes, at, length);
      try {
        digest.digest(part, 0, digestBytes);
      } catch (DigestException e) {
        throw new IllegalStateException("a digest does not fit its own length", e);
      }
      System.arraycopy(part, 0, bytes, at, length);
    }
    Arrays.fill(part, (byte) 0);
  }
}

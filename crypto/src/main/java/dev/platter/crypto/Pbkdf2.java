package dev.platter.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Derives keys from passphrases that are bytes (RFC 8018, "PBKDF2", over HMAC as of RFC 2104).
 *
 * <p>HMAC hashes the padded key before everything else. That is done once here, and each iteration
 * continues from a copy of the digest: half the work of the JDK's HMAC. The JDK's own PBKDF2 takes
 * characters, and so cannot take every passphrase.
 */
final class Pbkdf2 {
  private static final byte INNER_PAD = 0x36;
  private static final byte OUTER_PAD = 0x5c;

  private final MessageDigest inner;
  private final MessageDigest outer;
  private final byte[] block;

  private Pbkdf2(HashAlgorithm hash, byte[] password) {
    this.block = new byte[hash.digestBytes()];
    byte[] key = padded(hash, password);
    this.inner = started(hash, key, INNER_PAD);
    this.outer = started(hash, key, OUTER_PAD);
    Arrays.fill(key, (byte) 0);
  }

  /**
   * Derives a key.
   *
   * @param iterations at least 1
   * @param keyBytes the key's length, at least 1
   */
  static byte[] derive(
      HashAlgorithm hash, byte[] password, byte[] salt, long iterations, int keyBytes) {
    Pbkdf2 function = new Pbkdf2(hash, password);
    byte[] key = new byte[keyBytes];
    int digestBytes = hash.digestBytes();
    for (int at = 0, index = 1; at < keyBytes; at += digestBytes, index++) {
      byte[] part = function.block(salt, index, iterations);
      System.arraycopy(part, 0, key, at, Math.min(digestBytes, keyBytes - at));
      Arrays.fill(part, (byte) 0);
    }
    Arrays.fill(function.block, (byte) 0);
    return key;
  }

  private byte[] block(byte[] salt, int index, long iterations) {
    MessageDigest first = copy(inner);
    first.update(salt);
    first.update(
        new byte[] {
          (byte) (index >>> 24), (byte) (index >>> 16), (byte) (index >>> 8), (byte) index
        });
    finish(first);
    byte[] result = block.clone();
    for (long i = 1; i < iterations; i++) {
      MessageDigest next = copy(inner);
      next.update(block);
      finish(next);
      for (int b = 0; b < result.length; b++) {
        result[b] ^= block[b];
      }
    }
    return result;
  }

  /** Finishes an HMAC, the inner digest of which has been fed, to {@code block}. */
  private void finish(MessageDigest fed) {
    try {
      fed.digest(block, 0, block.length);
      MessageDigest last = copy(outer);
      last.update(block);
      last.digest(block, 0, block.length);
    } catch (DigestException e) {
      throw new IllegalStateException("a digest does not fit its own length", e);
    }
  }

  private static byte[] padded(HashAlgorithm hash, byte[] password) {
    byte[] key = password.length > hash.blockBytes() ? hash.digest().digest(password) : password;
    return Arrays.copyOf(key, hash.blockBytes());
  }

  private static MessageDigest started(HashAlgorithm hash, byte[] key, byte pad) {
    byte[] first = key.clone();
    for (int i = 0; i < first.length; i++) {
      first[i] ^= pad;
    }
    MessageDigest digest = hash.digest();
    digest.update(first);
    Arrays.fill(first, (byte) 0);
    return digest;
  }

  private static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a digest of the JDK cannot be copied", e);
    }
  }
}

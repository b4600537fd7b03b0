package dev.platter.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A hash function, by the names of volumes' headers and of options. */
public enum HashAlgorithm {
  MD5("md5", "MD5", 16, 64),
  SHA1("sha1", "SHA-1", 20, 64),
  SHA224("sha224", "SHA-224", 28, 64),
  SHA256("sha256", "SHA-256", 32, 64),
  SHA384("sha384", "SHA-384", 48, 128),
  SHA512("sha512", "SHA-512", 64, 128);

  private final String word;
  private final String standardName;
  private final int digestBytes;
  private final int blockBytes;

  HashAlgorithm(String word, String standardName, int digestBytes, int blockBytes) {
    this.word = word;
    this.standardName = standardName;
    this.digestBytes = digestBytes;
    this.blockBytes = blockBytes;
  }

  /**
   * The function of this name.
   *
   * @throws CryptoException if there is none
   */
  static HashAlgorithm of(String word) throws CryptoException {
    for (HashAlgorithm hash : values()) {
      if (hash.word.equals(word)) {
        return hash;
      }
    }
    throw new CryptoException("Hash algorithm '%s' not supported".formatted(word));
  }

  /** Its name: {@code sha256}. */
  public String word() {
    return word;
  }

  /** Bytes of a result. */
  int digestBytes() {
    return digestBytes;
  }

  /** Bytes that are hashed together. */
  int blockBytes() {
    return blockBytes;
  }

  /** A new digest. */
  MessageDigest digest() {
    try {
      return MessageDigest.getInstance(standardName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK has no " + standardName, e);
    }
  }
}

package dev.platter.crypto;

/** A block cipher with its key length, by the names of options. */
public enum CipherAlgorithm {
  AES_128("aes-128", 16),
  AES_192("aes-192", 24),
  AES_256("aes-256", 32);

  /** What they are all called in a volume's header. */
  static final String NAME_IN_HEADER = "aes";

  /** Bytes that are enciphered together. */
  static final int BLOCK_BYTES = 16;

  private final String word;
  private final int keyBytes;

  CipherAlgorithm(String word, int keyBytes) {
    this.word = word;
    this.keyBytes = keyBytes;
  }

  /**
   * The cipher of a volume's header.
   *
   * @param name its name there
   * @param keyBytes the key's length; half of it, if it consists of two keys
   * @throws CryptoException if there is none
   */
  static CipherAlgorithm of(String name, long keyBytes) throws CryptoException {
    if (name.equals(NAME_IN_HEADER)) {
      for (CipherAlgorithm algorithm : values()) {
        if (algorithm.keyBytes == keyBytes) {
          return algorithm;
        }
      }
    }
    throw new CryptoException(
        "Algorithm '%s' with key size %d bytes not supported".formatted(name, keyBytes));
  }

  /** Its name: {@code aes-256}. */
  public String word() {
    return word;
  }

  /** Bytes of its key. */
  public int keyBytes() {
    return keyBytes;
  }
}

package dev.platter.crypto;

/** How a sector's number becomes the initialization vector of its encryption. */
public enum IvAlgorithm {
  /** The number's low 32 bits. */
  PLAIN("plain"),
  /** The number's 64 bits. */
  PLAIN64("plain64"),
  /** The number, encrypted with a hash of the key. */
  ESSIV("essiv");

  private final String word;

  IvAlgorithm(String word) {
    this.word = word;
  }

  /**
   * The algorithm of this name.
   *
   * @throws CryptoException if there is none
   */
  static IvAlgorithm of(String word) throws CryptoException {
    for (IvAlgorithm algorithm : values()) {
      if (algorithm.word.equals(word)) {
        return algorithm;
      }
    }
    throw new CryptoException("IV generator '%s' not supported".formatted(word));
  }

  /** Its name: {@code plain64}. */
  public String word() {
    return word;
  }
}

package dev.platter.crypto;

/** How a block cipher enciphers a sector. */
public enum CipherMode {
  ECB("ecb"),
  CBC("cbc"),
  XTS("xts");

  private final String word;

  CipherMode(String word) {
    this.word = word;
  }

  /**
   * The mode of this name.
   *
   * @throws CryptoException if there is none
   */
  static CipherMode of(String word) throws CryptoException {
    for (CipherMode mode : values()) {
      if (mode.word.equals(word)) {
        return mode;
      }
    }
    throw new CryptoException("Cipher mode '%s' not supported".formatted(word));
  }

  /** Its name: {@code xts}. */
  public String word() {
    return word;
  }

  /** How many keys it takes. */
  int keyCount() {
    return this == XTS ? 2 : 1;
  }
}

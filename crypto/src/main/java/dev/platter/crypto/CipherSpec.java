package dev.platter.crypto;

import java.util.Optional;

/**
 * How sectors are encrypted, but for the key.
 *
 * @param algorithm the block cipher
 * @param mode how it is applied to a sector
 * @param iv how sectors get different initialization vectors
 * @param ivHash the hash of {@link IvAlgorithm#ESSIV}; elsewhere it may be given, and is ignored
 */
public record CipherSpec(
    CipherAlgorithm algorithm, CipherMode mode, IvAlgorithm iv, Optional<HashAlgorithm> ivHash) {

  /** What images of qcow and qcow2 use that are encrypted without a header of their own. */
  public static final CipherSpec AES_CBC_PLAIN64 =
      new CipherSpec(
          CipherAlgorithm.AES_128, CipherMode.CBC, IvAlgorithm.PLAIN64, Optional.empty());

  /**
   * Reads what a volume's header says.
   *
   * @param name the cipher's name: {@code aes}
   * @param modeText the mode: {@code xts-plain64}, {@code cbc-essiv:sha256}
   * @param keyBytes the length of the volume's key
   * @throws CryptoException if there is no such cipher
   */
  static CipherSpec parse(String name, String modeText, long keyBytes) throws CryptoException {
    int dash = modeText.indexOf('-');
    if (dash < 0) {
      throw new CryptoException("Unexpected cipher mode string format '%s'".formatted(modeText));
    }
    String ivText = modeText.substring(dash + 1);
    int colon = ivText.indexOf(':');
    Optional<HashAlgorithm> ivHash =
        colon < 0 ? Optional.empty() : Optional.of(HashAlgorithm.of(ivText.substring(colon + 1)));
    CipherMode mode = CipherMode.of(modeText.substring(0, dash));
    CipherAlgorithm algorithm = CipherAlgorithm.of(name, keyBytes / mode.keyCount());
    IvAlgorithm iv = IvAlgorithm.of(colon < 0 ? ivText : ivText.substring(0, colon));
    CipherSpec spec = new CipherSpec(algorithm, mode, iv, ivHash);
    spec.check();
    return spec;
  }

  /**
   * Lets a combination pass that can be.
   *
   * @throws CryptoException if it cannot
   */
  void check() throws CryptoException {
    if (iv != IvAlgorithm.ESSIV) {
      return;
    }
    if (ivHash.isEmpty()) {
      throw new CryptoException("Missing IV generator hash specification");
    }
    int digestBytes = ivHash.get().digestBytes();
    for (CipherAlgorithm cipher : CipherAlgorithm.values()) {
      if (cipher.keyBytes() == digestBytes) {
        return;
      }
    }
    throw new CryptoException("No AES cipher with key size %d available".formatted(digestBytes));
  }

  /** The mode as a volume's header writes it. */
  String modeText() {
    String text = mode.word() + "-" + iv.word();
    return ivHash.map(hash -> text + ":" + hash.word()).orElse(text);
  }

  /** Bytes of the key, or of both keys. */
  public int keyBytes() {
    return algorithm.keyBytes() * mode.keyCount();
  }
}

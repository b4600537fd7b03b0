package dev.platter.crypto;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The options of a new volume, by QEMU's names, and its defaults. */
public final class LuksOptions {
  public static final String CIPHER_ALGORITHM = "cipher-alg";
  public static final String CIPHER_MODE = "cipher-mode";
  public static final String IV_ALGORITHM = "ivgen-alg";
  public static final String IV_HASH = "ivgen-hash-alg";
  public static final String HASH = "hash-alg";
  public static final String ITERATION_MILLIS = "iter-time";

  /** What QEMU encrypts with and the JDK does not. */
  private static final Set<String> OTHER_ALGORITHMS =
      Set.of(
          "des",
          "3des",
          "cast5-128",
          "serpent-128",
          "serpent-192",
          "serpent-256",
          "twofish-128",
          "twofish-192",
          "twofish-256");

  private static final Set<String> OTHER_MODES = Set.of("ctr");
  private static final Set<String> OTHER_HASHES = Set.of("ripemd160");

  private LuksOptions() {}

  /**
   * Reads what was given.
   *
   * @param given the options by name, but for the time
   * @param iterationMillis the time, if it was given
   * @throws CryptoException that names the option, if there is no such volume
   */
  public static LuksParameters parse(Map<String, String> given, Optional<Long> iterationMillis)
      throws CryptoException {
    CipherAlgorithm algorithm =
        choose(
            given,
            CIPHER_ALGORITHM,
            CipherAlgorithm.AES_256,
            CipherAlgorithm.values(),
            CipherAlgorithm::word,
            OTHER_ALGORITHMS);
    CipherMode mode =
        choose(
            given, CIPHER_MODE, CipherMode.XTS, CipherMode.values(), CipherMode::word, OTHER_MODES);
    IvAlgorithm iv =
        choose(
            given,
            IV_ALGORITHM,
            IvAlgorithm.PLAIN64,
            IvAlgorithm.values(),
            IvAlgorithm::word,
            Set.of());
    boolean hashesIv = given.containsKey(IV_HASH) || iv == IvAlgorithm.ESSIV;
    Optional<HashAlgorithm> ivHash =
        hashesIv ? Optional.of(hash(given, IV_HASH)) : Optional.empty();
    CipherSpec cipher = new CipherSpec(algorithm, mode, iv, ivHash);
    cipher.check();
    long millis = iterationMillis.orElse(LuksParameters.DEFAULT_ITERATION_MILLIS);
    if (millis < 1) {
      throw new CryptoException(ITERATION_MILLIS, "'iter-time' must be at least 1");
    }
    return new LuksParameters(cipher, hash(given, HASH), millis);
  }

  private static HashAlgorithm hash(Map<String, String> given, String option)
      throws CryptoException {
    return choose(
        given,
        option,
        HashAlgorithm.SHA256,
        HashAlgorithm.values(),
        HashAlgorithm::word,
        OTHER_HASHES);
  }

  private static <T> T choose(
      Map<String, String> given,
      String option,
      T usual,
      T[] values,
      Function<T, String> word,
      Set<String> others)
      throws CryptoException {
    String asked = given.getOrDefault(option, word.apply(usual));
    for (T value : values) {
      if (word.apply(value).equals(asked)) {
        return value;
      }
    }
    throw new CryptoException(
        option,
        others.contains(asked)
            ? "'%s' as %s is not supported".formatted(asked, option)
            : "Parameter '%s' does not accept value '%s'".formatted(option, asked));
  }
}

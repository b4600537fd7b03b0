package dev.platter.qcow2;

import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.Secret;
import dev.platter.api.driver.Secrets;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksOptions;
import dev.platter.crypto.LuksParameters;
import dev.platter.crypto.LuksVolume;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The encryption of an image that is being created.
 *
 * @param cryptMethod as the header names it
 * @param luks how a LUKS volume is to be; empty for AES
 * @param keySecret the name of the secret that holds the passphrase
 */
record NewEncryption(int cryptMethod, Optional<LuksParameters> luks, String keySecret) {
  private static final String PREFIX = "encrypt.";
  private static final String AES = "aes";
  private static final String LUKS = "luks";

  /**
   * What the options ask for.
   *
   * @return empty if they do not ask for encryption
   * @throws OptionException if there is no such encryption
   */
  static Optional<NewEncryption> of(OptionValues options) throws OptionException {
    Optional<String> format = options.given(Qcow2CreateOptions.ENCRYPT_FORMAT);
    boolean legacy = options.get(Qcow2CreateOptions.ENCRYPTION);
    if (legacy && format.isPresent()) {
      throw problem(
          Qcow2CreateOptions.ENCRYPTION.name(),
          "'encrypt.format' and its alias 'encryption' can't be used at the same time");
    }
    Map<String, String> words = words(options);
    Optional<Long> millis = options.given(Qcow2CreateOptions.ENCRYPT_ITER_TIME);
    Optional<String> secret = options.given(Qcow2CreateOptions.ENCRYPT_KEY_SECRET);
    if (!legacy && format.isEmpty()) {
      if (secret.isPresent() || millis.isPresent() || !words.isEmpty()) {
        throw problem(PREFIX + "format", "Parameter 'encrypt.format' is missing");
      }
      return Optional.empty();
    }
    String name = format.orElse(AES);
    if (!name.equals(AES) && !name.equals(LUKS)) {
      throw problem(
          PREFIX + "format", "Parameter 'format' does not accept value '%s'".formatted(name));
    }
    Optional<LuksParameters> luks = Optional.empty();
    if (name.equals(LUKS)) {
      luks = Optional.of(parameters(words, millis));
    } else if (millis.isPresent() || !words.isEmpty()) {
      String unexpected = words.keySet().stream().findFirst().orElse(LuksOptions.ITERATION_MILLIS);
      throw problem(
          PREFIX + unexpected, "Parameter '%s%s' is unexpected".formatted(PREFIX, unexpected));
    }
    int method = luks.isPresent() ? Qcow2Header.CRYPT_LUKS : Qcow2Header.CRYPT_AES;
    String id = secret.orElseThrow(() -> ImageEncryption.missingSecret(PREFIX + "key-secret"));
    return Optional.of(new NewEncryption(method, luks, id));
  }

  /**
   * The header that a measured image has for its encryption: none but for LUKS, of which alone
   * QEMU's {@code measure} looks at the options.
   *
   * @return its length in bytes
   * @throws OptionException if there is no such encryption, or no secret is named
   */
  static long measuredBytes(OptionValues options) throws OptionException {
    boolean luks =
        options.given(Qcow2CreateOptions.ENCRYPT_FORMAT).filter(LUKS::equals).isPresent();
    return luks ? of(options).map(NewEncryption::headerBytes).orElse(0L) : 0;
  }

  /** Everything that is wrong with what a new image asks for, its secret included. */
  static List<OptionProblem> problems(ImageCreation creation) {
    try {
      Optional<NewEncryption> encryption = of(creation.options());
      if (encryption.isPresent()) {
        encryption.get().passphrase(creation.secrets()).close();
      }
      return List.of();
    } catch (OptionException e) {
      return e.problems();
    }
  }

  private static LuksParameters parameters(Map<String, String> words, Optional<Long> millis)
      throws OptionException {
    try {
      return LuksOptions.parse(words, millis);
    } catch (CryptoException e) {
      throw problem(PREFIX + (e.option().isEmpty() ? "format" : e.option()), e.getMessage());
    }
  }

  private static Map<String, String> words(OptionValues options) {
    Map<String, String> words = new LinkedHashMap<>();
    for (Option<String> option : Qcow2CreateOptions.ENCRYPT_WORDS) {
      options
          .given(option)
          .ifPresent(word -> words.put(option.name().substring(PREFIX.length()), word));
    }
    return words;
  }

  /** Bytes that the header of the encryption takes of the image's file; 0 if it has none. */
  long headerBytes() {
    return luks.map(LuksParameters::payloadOffset).orElse(0L);
  }

  /** Writes the header of the encryption, and makes it durable. */
  void write(ImageFile file, HeaderExtension.CryptoHeader where, Secrets secrets)
      throws IOException {
    try (Secret passphrase = passphrase(secrets)) {
      LuksVolume.create(
          new CryptoHeaderStorage(file, where), luks.orElseThrow(), passphrase.bytes());
    } catch (CryptoException e) {
      throw problem(PREFIX + LuksOptions.ITERATION_MILLIS, e.getMessage());
    }
  }

  private Secret passphrase(Secrets secrets) throws OptionException {
    return secrets.passphrase(PREFIX + "key-secret", keySecret);
  }

  private static OptionException problem(String option, String message) {
    return new OptionException(OptionProblem.of(option, message));
  }
}

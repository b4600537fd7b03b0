package dev.platter.luks;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.Secret;
import dev.platter.api.driver.Secrets;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import dev.platter.crypto.CryptoException;
import dev.platter.crypto.LuksOptions;
import dev.platter.crypto.LuksParameters;
import dev.platter.crypto.LuksVolume;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A volume that is to be created.
 *
 * @param parameters how it encrypts
 * @param keySecret the name of the secret that holds its first passphrase
 * @param preallocation what to reserve for its disk
 */
record NewVolume(LuksParameters parameters, String keySecret, Preallocation preallocation) {

  /**
   * What the options ask for.
   *
   * @throws OptionException if there is no such volume, or no secret is named
   */
  static NewVolume of(OptionValues options) throws OptionException {
    Map<String, String> words = new LinkedHashMap<>();
    for (Option<String> option : LuksDriverOptions.WORDS) {
      options.given(option).ifPresent(word -> words.put(option.name(), word));
    }
    LuksParameters parameters;
    try {
      parameters = LuksOptions.parse(words, options.given(LuksDriverOptions.ITERATION_MILLIS));
    } catch (CryptoException e) {
      throw problem(
          e.option().isEmpty() ? LuksOptions.CIPHER_ALGORITHM : e.option(), e.getMessage());
    }
    String keySecret =
        options.given(LuksDriverOptions.NEW_KEY_SECRET).orElseThrow(LuksDriverProvider::noSecret);
    Preallocation preallocation = options.get(LuksDriverOptions.PREALLOCATION);
    return new NewVolume(
        parameters,
        keySecret,
        preallocation == Preallocation.METADATA
            ? Preallocation.OFF
            : preallocation); // all there is
  }

  /** The size of the file of a disk of this size, which is rounded up to sectors. */
  long fileBytes(long diskBytes) throws UnsupportedFeatureException {
    long payload = parameters.payloadOffset();
    if (diskBytes > Long.MAX_VALUE - payload - DataCipher.SECTOR_BYTES) {
      throw new UnsupportedFeatureException("The requested file size is too large");
    }
    return payload + Ranges.alignUp(diskBytes, DataCipher.SECTOR_BYTES);
  }

  /** The first passphrase, which the caller closes. */
  Secret passphrase(Secrets secrets) throws OptionException {
    return secrets.passphrase(LuksDriverOptions.NEW_KEY_SECRET.name(), keySecret);
  }

  /**
   * Writes the volume over whatever a file holds. The disk reads as noise, and as zeros nowhere:
   * the file's zeros, decrypted.
   */
  void write(BlockNode file, long diskBytes, Secrets secrets) throws IOException {
    try (Secret passphrase = passphrase(secrets)) {
      long fileBytes = fileBytes(diskBytes);
      file.resize(0, Preallocation.OFF); // drops what was there
      file.resize(fileBytes, preallocation);
      LuksVolume.create(new FileStorage(file), parameters, passphrase.bytes());
    } catch (CryptoException e) {
      throw problem(LuksOptions.ITERATION_MILLIS, e.getMessage());
    }
  }

  private static OptionException problem(String option, String message) {
    return new OptionException(OptionProblem.of(option, message));
  }
}

package dev.platter.api.driver;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The secrets that a user has given, by the names that options call them by.
 *
 * <p>Threads: any number.
 */
@FunctionalInterface
public interface Secrets {
  /** No secrets. */
  Secrets NONE = id -> Optional.empty();

  /**
   * Finds a secret.
   *
   * @param id its name
   * @return a copy, which the caller closes; empty if there is none of that name
   */
  Optional<Secret> find(String id);

  /**
   * The passphrase that an option names.
   *
   * @param option the option's name, for messages
   * @param id the secret's name
   * @return text in UTF-8, without zero bytes; the caller closes it
   * @throws OptionException if there is no such secret, or it is no text
   */
  default Secret passphrase(String option, String id) throws OptionException {
    Secret secret =
        find(id).orElseThrow(() -> problem(option, id, "No secret with id '%s'".formatted(id)));
    if (!isText(secret.bytes())) {
      secret.close();
      throw problem(option, id, "Data from secret %s is not valid UTF-8".formatted(id));
    }
    return secret;
  }

  private static OptionException problem(String option, String id, String message) {
    return new OptionException(new OptionProblem(option, message, id, "", Optional.empty()));
  }

  private static boolean isText(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return false;
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).clear();
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}

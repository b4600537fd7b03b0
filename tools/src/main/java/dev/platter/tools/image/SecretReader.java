package dev.platter.tools.image;

import dev.platter.api.driver.Secret;
import dev.platter.api.driver.Secrets;
import dev.platter.tools.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Reads what a secret's properties say: text or a file, perhaps in base64, perhaps encrypted. */
final class SecretReader {
  private static final int KEY_BYTES = 32;
  private static final int VECTOR_BYTES = 16;

  private final Map<String, String> properties;
  private final Secrets others;

  SecretReader(Map<String, String> properties, Secrets others) {
    this.properties = properties;
    this.others = others;
  }

  /** The secret's bytes. */
  Secret read() throws CommandFailure {
    String format = properties.getOrDefault("format", "raw");
    if (!format.equals("raw") && !format.equals("base64")) {
      throw new CommandFailure("Parameter 'format' does not accept value '%s'".formatted(format));
    }
    byte[] stored = stored();
    boolean encoded = format.equals("base64");
    byte[] decoded = encoded ? base64(stored) : stored;
    Optional<String> keyId = find("keyid");
    if (keyId.isEmpty() && find("iv").isPresent()) {
      throw new CommandFailure("IV is only used with a key");
    }
    byte[] plain = keyId.isPresent() ? decrypt(keyId.get(), decoded) : decoded;
    if (keyId.isPresent()) {
      Arrays.fill(decoded, (byte) 0);
    }
    if (encoded) {
      Arrays.fill(stored, (byte) 0);
    }
    return Secret.of(plain);
  }

  private byte[] stored() throws CommandFailure {
    Optional<String> file = find("file");
    Optional<String> data = find("data");
    if (file.isPresent() && data.isPresent()) {
      throw new CommandFailure("'file' and 'data' are mutually exclusive");
    }
    if (data.isPresent()) {
      return data.get().getBytes(StandardCharsets.UTF_8);
    }
    String name =
        file.orElseThrow(() -> new CommandFailure("Either 'file' or 'data' must be provided"));
    try {
      return Files.readAllBytes(Path.of(name));
    } catch (NoSuchFileException e) {
      throw unreadable(name, "No such file or directory", e);
    } catch (IOException e) {
      throw unreadable(name, String.valueOf(e.getMessage()), e);
    }
  }

  private static CommandFailure unreadable(String name, String why, IOException e) {
    return new CommandFailure(
            "Unable to read %1$s: Failed to open file \u201c%1$s\u201d: %2$s".formatted(name, why))
        .causedBy(e);
  }

  private byte[] decrypt(String keyId, byte[] encrypted) throws CommandFailure {
    byte[] vector =
        base64(
            find("iv")
                .orElseThrow(() -> new CommandFailure("IV is required to decrypt secret"))
                .getBytes(StandardCharsets.UTF_8));
    try (Secret key =
        others
            .find(keyId)
            .orElseThrow(() -> new CommandFailure("No secret with id '%s'".formatted(keyId)))) {
      if (key.bytes().length != KEY_BYTES) {
        throw new CommandFailure("Key should be 32 bytes in length");
      }
      if (vector.length != VECTOR_BYTES) {
        throw new CommandFailure("IV should be 16 bytes in length not %d".formatted(vector.length));
      }
      Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
      cipher.init(
          Cipher.DECRYPT_MODE, new SecretKeySpec(key.bytes(), "AES"), new IvParameterSpec(vector));
      return cipher.doFinal(encrypted);
    } catch (GeneralSecurityException e) {
      throw new CommandFailure("The secret cannot be decrypted with this key");
    }
  }

  private static byte[] base64(byte[] text) throws CommandFailure {
    try {
      return Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("Base64 data is not valid");
    }
  }

  private Optional<String> find(String property) {
    return Optional.ofNullable(properties.get(property));
  }
}

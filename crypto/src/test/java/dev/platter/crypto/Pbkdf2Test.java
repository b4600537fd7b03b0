package dev.platter.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of RFC 6070, and the JDK's own function where it can be asked. */
class Pbkdf2Test {

  @ParameterizedTest
  @CsvSource({
    "password, salt, 1, 0c60c80f961f0e71f3a9b524af6012062fe037a6",
    "password, salt, 2, ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
    "password, salt, 4096, 4b007901b765489abead49d926f721d065a429c1",
    "passwordPASSWORDpassword, saltSALTsaltSALTsaltSALTsaltSALTsalt, 4096,"
        + " 3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    "pass_word, sa_lt, 4096, 56fa6aa75548099dcc37d7f03425e0c3"
  })
  void derivesTheKeysOfRfc6070(String password, String salt, long iterations, String key) {
    byte[] derived =
        Pbkdf2.derive(
            HashAlgorithm.SHA1, withZeros(password), withZeros(salt), iterations, key.length() / 2);

    assertThat(HexFormat.of().formatHex(derived)).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({
    "SHA1, PBKDF2WithHmacSHA1",
    "SHA224, PBKDF2WithHmacSHA224",
    "SHA256, PBKDF2WithHmacSHA256",
    "SHA384, PBKDF2WithHmacSHA384",
    "SHA512, PBKDF2WithHmacSHA512"
  })
  void agreesWithTheJdkWherePassphrasesAreAscii(HashAlgorithm hash, String factory)
      throws Exception {
    for (int length : new int[] {1, 64, 65, 128, 129}) {
      String password = "p".repeat(length);
      byte[] salt = "some salt".getBytes(UTF_8);
      PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, 50, 8 * 80);

      byte[] theirs = SecretKeyFactory.getInstance(factory).generateSecret(spec).getEncoded();

      assertThat(Pbkdf2.derive(hash, password.getBytes(UTF_8), salt, 50, 80))
          .as("a passphrase of %d bytes", length)
          .isEqualTo(theirs);
    }
  }

  /** The vectors have zero bytes, which is what an underscore stands for here. */
  private static byte[] withZeros(String text) {
    return text.replace('_', '\0').getBytes(UTF_8);
  }
}

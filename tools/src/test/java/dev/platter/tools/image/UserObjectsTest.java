package dev.platter.tools.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.Secret;
import dev.platter.tools.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserObjectsTest {
  @TempDir private Path folder;

  @Test
  void dataAndFilesAreReadAsTheyAreOrInBase64() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "from a file");

    assertThat(text("s", "secret,id=s,data=a,,b")).isEqualTo("a,b");
    assertThat(text("s", "qom-type=secret,id=s,file=" + file)).isEqualTo("from a file");
    assertThat(text("s", "secret,id=s,data=aGVsbG8=,format=base64")).isEqualTo("hello");
  }

  @Test
  void aSecretMayBeEncryptedWithTheOneBefore() throws Exception {
    byte[] key = "01234567890123456789012345678901".getBytes(UTF_8);
    Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
    Base64.Encoder base64 = Base64.getEncoder();
    String encrypted = base64.encodeToString(cipher.doFinal("hidden".getBytes(UTF_8)));
    String vector = base64.encodeToString(new byte[16]);

    assertThat(
            text(
                "s",
                "secret,id=k,format=base64,data=" + base64.encodeToString(key),
                "secret,id=s,keyid=k,format=base64,iv=" + vector + ",data=" + encrypted))
        .isEqualTo("hidden");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          secret,id=s                  | Either 'file' or 'data' must be provided
          secret,id=s,data=a,file=b    | 'file' and 'data' are mutually exclusive
          secret,data=a                | Parameter 'id' is missing
          secret,id=s,dta=a            | Parameter 'dta' is unexpected
          rng-random,id=g              | invalid object type: rng-random
          tls-creds-anon,id=g          | not supported yet: --object tls-creds-anon
          foo,id=g                     | Parameter 'qom-type' does not accept value 'foo'
          throttle-group,id=g,x-a=1    | Parameter 'x-a' is unexpected
          secret,id=s,data=a,keyid=k   | IV is required to decrypt secret
          secret,id=s,data=a,format=b  | Parameter 'format' does not accept value 'b'
          """)
  void whatIsNoSecretIsRefused(String object, String message) {
    assertThatThrownBy(() -> UserObjects.parse(List.of(object)))
        .isInstanceOf(CommandFailure.class)
        .hasMessage(message);
  }

  @Test
  void secretsAreZeroedAndNeverShown() throws Exception {
    UserObjects objects = UserObjects.parse(List.of("secret,id=s,data=abc"));
    Secret copy = objects.find("s").orElseThrow();
    assertThat(copy).hasToString("Secret[hidden]");
    assertThat(objects).hasToString("UserObjects[1, 0]");

    copy.close();
    assertThat(copy.bytes()).containsOnly(0);
    assertThat(objects.find("s").orElseThrow().bytes()).isEqualTo("abc".getBytes(UTF_8));
    objects.close();
    assertThat(objects.find("s").orElseThrow().bytes()).containsOnly(0);
  }

  private static String text(String id, String... objects) throws CommandFailure {
    try (UserObjects secrets = UserObjects.parse(List.of(objects));
        Secret secret = secrets.find(id).orElseThrow()) {
      return new String(secret.bytes(), UTF_8);
    }
  }
}

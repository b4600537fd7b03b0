package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted images that QEMU made are used here, and the reverse. */
class EncryptedImagesTest {
  private static final String SECRET = "secret,id=s,data=passphrase";
  private static final String OTHER = "secret,id=o,data=zw\u00f6lf";
  private static final String LUKS = "encrypt.format=luks,encrypt.iter-time=10";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        LUKS,
        LUKS + ",encrypt.cipher-alg=aes-128,encrypt.cipher-mode=cbc,encrypt.ivgen-alg=essiv",
        LUKS + ",cluster_size=512,encrypt.cipher-alg=aes-192,encrypt.hash-alg=sha512",
        "encrypt.format=aes"
      })
  void eitherProgramWritesWhatTheOtherReads(String format) throws Exception {
    QemuTools.assumeInstalled();
    String options = format + ",encrypt.key-secret=s";
    String theirs = image("theirs");
    String ours = image("ours");
    QemuTools.img("create", "--object", SECRET, "-f", "qcow2", "-o", options, path("theirs"), "4M");
    Run.createEncrypted(SECRET, "qcow2", options, path("ours"), "4M");

    qemuIo(theirs, "write -P 17 100k 70000", "write -z 3M 64k");
    succeedIo(theirs, "read -P 17 100k 70000", "read -P 0 0 100k", "write -P 34 700 5000");
    qemuIo(theirs, "read -P 34 700 5000", "read -P 0 0 700", "read -P 17 100k 70000");
    succeedIo(ours, "write -P 51 65000 200000", "write -P 68 2M 13");
    qemuIo(ours, "read -P 51 65000 200000", "read -P 68 2M 13", "write -P 85 2097160 600");
    succeedIo(ours, "read -P 68 2M 8", "read -P 85 2097160 600", "read -P 0 2097760 1000");

    for (String image : List.of(theirs, ours)) {
      QemuTools.img("check", "--object", SECRET, "--image-opts", image);
      succeed("img", "check", "--object", SECRET, "--image-opts", image);
    }
  }

  @Test
  void overlayIsPutOnAnEncryptedImageWithoutItsKey() throws Exception {
    Run.createEncrypted(SECRET, "qcow2", LUKS + ",encrypt.key-secret=s", path("base"), "1M");
    succeed(
        "img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        path("base").toString(),
        "-F",
        "qcow2",
        path("overlay").toString());
  }

  @Test
  void keySlotsThatEitherProgramAddsOpenForTheOther() throws Exception {
    QemuTools.assumeInstalled();
    String create = LUKS + ",encrypt.key-secret=s";
    QemuTools.img("create", "--object", SECRET, "-f", "qcow2", "-o", create, path("i"), "1M");
    String[] add = {
      "amend",
      "--object",
      SECRET,
      "--object",
      OTHER,
      "-o",
      "encrypt.state=active,encrypt.new-secret=o,encrypt.iter-time=10",
      "--image-opts",
      image("i")
    };
    succeed(prepend("img", add));
    QemuTools.img("check", "--object", OTHER, "--image-opts", image("i").replace("=s", "=o"));
    succeed(
        "img",
        "amend",
        "--object",
        SECRET,
        "--object",
        OTHER,
        "-o",
        "encrypt.state=inactive,encrypt.keyslot=0",
        "--image-opts",
        image("i").replace("=s", "=o"));

    Run refused = Run.of("io", "--object", SECRET, "--image-opts", image("i"), "-c", "read 0 512");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err())
        .contains("Invalid password, cannot unlock any keyslot")
        .doesNotContain("passphrase");
  }

  @Test
  void imagesAreConvertedFromAndToEncryptionAndDescribedWithoutAKey() throws Exception {
    Path plain = path("plain");
    succeed("img", "create", "-q", "-f", "qcow2", plain.toString(), "1M");
    succeed("io", "-c", "write -P 9 64k 100k", plain.toString());
    succeed(
        "img",
        "convert",
        "--object",
        SECRET,
        "-O",
        "qcow2",
        "-o",
        LUKS + ",encrypt.key-secret=s",
        plain.toString(),
        path("c").toString());
    succeedIo(image("c"), "read -P 9 64k 100k", "read -P 0 0 64k");

    Run info = Run.of("img", "info", path("c").toString());
    assertThat(info.out()).contains("encrypted: yes", "cipher alg: aes-256", "format: luks");
    Run compressed =
        Run.of(
            "img",
            "convert",
            "-c",
            "--object",
            SECRET,
            "-O",
            "qcow2",
            "-o",
            LUKS + ",encrypt.key-secret=s",
            plain.toString(),
            path("d").toString());
    assertThat(compressed.err())
        .contains("Compression and encryption not supported at the same time");
    assertThat(Files.exists(path("d"))).isFalse();
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private String image(String name) {
    return "driver=qcow2,file.filename=%s,encrypt.key-secret=s".formatted(path(name));
  }

  private static void qemuIo(String image, String... commands) throws Exception {
    List<Object> words = new ArrayList<>(List.of("--object", SECRET, "--image-opts", image));
    for (String command : commands) {
      words.addAll(List.of("-c", command));
    }
    QemuTools.run("qemu-io", words.toArray());
  }

  private static void succeedIo(String image, String... commands) {
    List<String> words = new ArrayList<>(List.of("io", "--object", SECRET, "--image-opts", image));
    for (String command : commands) {
      words.addAll(List.of("-c", command));
    }
    succeed(words.toArray(String[]::new));
  }

  private static void succeed(String... words) {
    Run run = Run.of(words);
    assertThat(run.out() + run.err()).doesNotContain("Pattern verification failed");
    assertThat(run.status()).as("%s: %s", List.of(words), run.err()).isZero();
  }

  private static String[] prepend(String first, String... rest) {
    List<String> words = new ArrayList<>(List.of(first));
    words.addAll(List.of(rest));
    return words.toArray(String[]::new);
  }
}

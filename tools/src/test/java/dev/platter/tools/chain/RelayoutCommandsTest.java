package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code compact} does to a file and says of it. */
class RelayoutCommandsTest {
  private static final String SECRET = "secret,id=s,data=word";
  private static final String LUKS =
      "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10";

  @TempDir Path folder;

  @Test
  void fileOfAnEncryptedImageShrinksAndReadsAsBefore() throws Exception {
    String secret = "--object=" + SECRET;
    String image = folder.resolve("luks.qcow2").toString();
    String options = "driver=qcow2,encrypt.key-secret=s,file.filename=" + image.replace(",", ",,");
    Run.createEncrypted(SECRET, "qcow2", LUKS, Path.of(image), "8M");
    ok(
        "io",
        secret,
        "-c",
        "write -P 1 0 4M",
        "-c",
        "write -P 2 4M 1M",
        "-c",
        "write -P 3 5M 64k",
        "-c",
        "discard 0 4M",
        "--image-opts",
        options);
    long before = Files.size(Path.of(image));

    Run run = ok("img", "compact", secret, "--output=json", "--image-opts", options);

    long after = Files.size(Path.of(image));
    assertThat(after).isLessThan(before - (3 << 20));
    assertThat(run.out())
        .contains(
            "\"bytes-before\": " + before, "\"bytes-after\": " + after, "\"format\": \"qcow2\"");
    ok(
        "io",
        secret,
        "-c",
        "read -P 0 0 4M",
        "-c",
        "read -P 2 4M 1M",
        "-c",
        "read -P 3 5M 64k",
        "--image-opts",
        options);
    QemuTools.assumeInstalled();
    QemuTools.img("check", "--object", SECRET, "--image-opts", options);
  }

  @Test
  void sentenceSaysBothSizesAndProgressIsShown() {
    String image = folder.resolve("plain.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", image, "8M");
    ok("io", "-c", "write 0 2M", "-c", "write 2M 1M", "-c", "discard 0 2M", image);

    assertThat(ok("img", "compact", image, "-p").out())
        .startsWith("    (0.00/100%)\r")
        .contains("(100.00/100%)")
        .endsWith("Image compacted: its file had 3.31 MiB and has 1.31 MiB; 1 MiB moved.\n");
    assertThat(ok("img", "compact", image, "-q").out()).isEmpty();
  }

  @Test
  void scatteredDiskIsInOrderAfterwards() {
    String image = folder.resolve("scattered.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", image, "8M");
    for (int mib = 7; mib >= 0; mib--) {
      ok("io", "-c", "write -P %d %dM 1M".formatted(mib + 1, mib), image);
    }
    assertThat(mappings(image)).isEqualTo(8);

    assertThat(ok("img", "defragment", "--spare=1M", image).out())
        .startsWith("Image defragmented: its file had 8.31 MiB and has 8.31 MiB;");

    assertThat(mappings(image)).isEqualTo(1);
    for (int mib = 7; mib >= 0; mib--) {
      ok("io", "-c", "read -P %d %dM 1M".formatted(mib + 1, mib), image);
    }
    assertThat(Run.of("img", "defragment", "--spare=0", image).err()).contains("must be positive");
  }

  private static long mappings(String image) {
    return ok("img", "map", "--output=json", image).out().lines().count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"compact", "defragment"})
  void holesZerosAndEncryptedDataReadAsBefore(String command) throws Exception {
    String secret = "--object=" + SECRET;
    for (String options : new String[] {"preallocation=metadata", LUKS}) {
      String image = folder.resolve(command + ".qcow2").toString();
      String copy = folder.resolve(command + ".raw").toString();
      String key = options.equals(LUKS) ? "encrypt.key-secret=s," : "";
      String opened = "driver=qcow2," + key + "file.filename=" + image.replace(",", ",,");
      Run.createEncrypted(SECRET, "qcow2", options, Path.of(image), "4M");
      ok(
          "io",
          secret,
          "-c",
          "discard 0 1M",
          "-c",
          "write -P 1 3M 1M",
          "-c",
          "write -P 2 64k 300k",
          "-c",
          "write -z 512k 256k",
          "-c",
          "write -P 3 0 64k",
          "-d",
          "unmap",
          "--image-opts",
          opened);
      ok("img", "convert", secret, "--image-opts", opened, "-O", "raw", copy);

      ok("img", command, "-q", secret, "--image-opts", opened);

      QemuTools.assumeInstalled();
      QemuTools.img("check", secret, "--image-opts", opened);
      String raw = "driver=raw,file.filename=" + copy.replace(",", ",,");
      QemuTools.img("compare", secret, "--image-opts", opened, raw);
    }
  }

  @Test
  void rawImageIsRefused() {
    String image = folder.resolve("disk.raw").toString();
    ok("img", "create", "-q", "-f", "raw", image, "1M");
    Run run = Run.of("img", "compact", "-f", "raw", image);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("images of this format cannot be compacted");
  }

  private static Run ok(String... words) {
    Run run = Run.of(words);
    assertThat(run.status()).as("%s: %s", String.join(" ", words), run.err()).isZero();
    return run;
  }
}

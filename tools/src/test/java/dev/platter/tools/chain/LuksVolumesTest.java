package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LUKS volumes that QEMU made are used here, and the reverse. */
class LuksVolumesTest {
  private static final String SECRET = "secret,id=s,data=passphrase";
  private static final String OTHER = "secret,id=o,data=other";

  @TempDir private Path folder;

  @BeforeEach
  void needsQemu() {
    QemuTools.assumeInstalled();
  }

  @Test
  void eitherProgramWritesWhatTheOtherReads() throws Exception {
    String options = "iter-time=10,cipher-alg=aes-128,cipher-mode=cbc,hash-alg=sha1";
    Path theirs = folder.resolve("theirs");
    Path ours = folder.resolve("ours");
    String create = "key-secret=s," + options;
    QemuTools.img("create", "--object", SECRET, "-f", "luks", "-o", create, theirs, "4M");
    Run.createEncrypted(SECRET, "luks", create, ours, "4M");
    assertThat(Files.size(ours)).isEqualTo(Files.size(theirs));
    for (Path volume : List.of(theirs, ours)) {
      QemuTools.run(
          "qemu-io",
          "--object",
          SECRET,
          "-c",
          "write -P 17 100k 70000",
          "--image-opts",
          spec(volume, "s"));
      ours(
          "io",
          "--object",
          SECRET,
          "-c",
          "read -P 17 100k 70000",
          "-c",
          "write -P 34 700 5000",
          "-c",
          "write -z 1M 64k",
          "-c",
          "discard 2M 64k",
          "--image-opts",
          spec(volume, "s"));
      QemuTools.run(
          "qemu-io",
          "--object",
          SECRET,
          "-c",
          "read -P 34 700 5000",
          "-c",
          "read -P 0 1M 64k",
          "--image-opts",
          spec(volume, "s"));
    }
  }

  @Test
  void sizesAndPassphrasesThatEitherProgramChangesAreSeenByTheOther() throws Exception {
    Path volume = folder.resolve("volume");
    Run.createEncrypted(SECRET, "luks", "key-secret=s,iter-time=10", volume, "1M");
    ours("img", "resize", "-q", "--object", SECRET, "--image-opts", spec(volume, "s"), "3M");
    QemuTools.run(
        "qemu-io", "--object", SECRET, "-c", "write -P 5 2M 1M", "--image-opts", spec(volume, "s"));
    QemuTools.img("resize", "--object", SECRET, "--image-opts", spec(volume, "s"), "4M");
    ours(
        "img",
        "amend",
        "--object",
        SECRET,
        "--object",
        OTHER,
        "-o",
        "state=active,new-secret=o,iter-time=10",
        "--image-opts",
        spec(volume, "s"));
    QemuTools.img(
        "amend",
        "--object",
        OTHER,
        "-o",
        "state=inactive,keyslot=0",
        "--image-opts",
        spec(volume, "o"));
    ours(
        "io",
        "--object",
        OTHER,
        "-c",
        "read -P 5 2M 1M",
        "-c",
        "length",
        "--image-opts",
        spec(volume, "o"));
    Run refused =
        Run.of("io", "--object", SECRET, "--image-opts", spec(volume, "s"), "-c", "read 0 512");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo("qemu-io: can't open: Invalid password, cannot unlock any keyslot\n");
  }

  @Test
  void volumesAreConvertedToAndDescribedWithoutAKey() throws Exception {
    Path raw = Files.write(folder.resolve("raw"), new byte[1 << 20]);
    ours("io", "-f", "raw", "-c", "write -P 9 64k 100k", raw);
    Path volume = folder.resolve("volume");
    ours(
        "img",
        "convert",
        "--object",
        SECRET,
        "-f",
        "raw",
        "-O",
        "luks",
        "-o",
        "key-secret=s,iter-time=10",
        raw,
        volume);
    QemuTools.img(
        "compare",
        "--object",
        SECRET,
        "--image-opts",
        "driver=raw,file.filename=" + raw,
        spec(volume, "s"));
    String map =
        ours("img", "map", "--output=json", "--object", SECRET, "--image-opts", spec(volume, "s"));
    assertThat(map)
        .isEqualTo(
            "[{ \"start\": 0, \"length\": 1048576, \"depth\": 0, \"present\": true, \"zero\":"
                + " false, \"data\": true}]\n");
    String info = ours("img", "info", volume);
    assertThat(info)
        .contains("file format: luks\n", "encrypted: yes\n", "    payload offset: 2068480\n")
        .doesNotContain("passphrase", "cluster_size");
    String json = ours("img", "info", "--output=json", volume);
    assertThat(json).contains("\"type\": \"luks\"");
  }

  private static String spec(Path volume, String secret) {
    return "driver=luks,key-secret=" + secret + ",file.filename=" + volume;
  }

  private static String ours(Object... words) {
    List<String> all = new ArrayList<>();
    for (Object word : words) {
      all.add(word.toString());
    }
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.status()).as("%s: %s%s", all, run.out(), run.err()).isZero();
    return run.out();
  }
}

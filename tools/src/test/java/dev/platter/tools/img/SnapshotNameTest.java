package dev.platter.tools.img;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots whose names no argument can give, as their bytes are not UTF-8: their ids do. */
class SnapshotNameTest {
  @TempDir private Path folder;
  private Path image;

  @BeforeEach
  void createSnapshots() throws IOException {
    image = folder.resolve("image.qcow2");
    assertThat(Run.of("img", "create", "-q", "-f", "qcow2", image.toString(), "1M").status())
        .isZero();
    snapshot("-c", "first");
    snapshot("-c", "other");
    String bytes = Files.readString(image, ISO_8859_1);
    Files.writeString(image, bytes.replace("first", "f\u00ff\u00fest"), ISO_8859_1);
  }

  private Run snapshot(String action, String name) {
    return Run.of("img", "snapshot", action, name, image.toString());
  }

  private String list() {
    return Run.of("img", "snapshot", "-l", image.toString()).out();
  }

  @Test
  void isAppliedAndDeletedById() {
    assertThat(list()).contains("f\ufffd\ufffdst");

    assertThat(snapshot("-a", "1").status()).isZero();
    assertThat(snapshot("-d", "1").status()).isZero();

    assertThat(list()).doesNotContain("\ufffd").contains("other");
  }

  @Test
  void othersAreDeletedByNameAloneAsQemuDoes() {
    Run refused = snapshot("-d", "2");

    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("Could not delete snapshot '2': snapshot not found");
    assertThat(list()).contains("other");
  }

  @Test
  void nameThatIsSuchAnIdIsMeantFirst() {
    snapshot("-c", "1");

    assertThat(snapshot("-d", "1").status()).isZero();

    assertThat(list()).contains("f\ufffd\ufffdst", "other");
  }
}

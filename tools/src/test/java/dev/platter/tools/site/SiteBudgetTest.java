package dev.platter.tools.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of all caches, as the site says, holds for commands too. */
class SiteBudgetTest {
  private static final String KEY = "platter.cache-budget";

  @TempDir private Path folder;
  private String image;

  @BeforeEach
  void createImage() {
    image = folder.resolve("disk.qcow2").toString();
    assertThat(Run.of("img", "create", "-q", "-f", "qcow2", image, "1M").status()).isZero();
  }

  @AfterEach
  void forgetTheSite() {
    System.clearProperty(KEY);
  }

  @Test
  void anImageThatCannotBePromisedRoomIsNotWritten() {
    System.setProperty(KEY, "64K");

    assertThat(Run.of("io", "-c", "write 0 4k", image).err())
        .contains("the caches of all images may hold 65536 bytes");
    assertThat(Run.of("img", "bench", "-w", "-c", "1", image).err())
        .contains("the caches of all images may hold 65536 bytes");
    assertThat(Run.of("io", "-r", "-c", "read 0 4k", image).status()).isZero();
  }

  @Test
  void aBudgetWithRoomLetsCommandsWork() {
    System.setProperty(KEY, "1M");

    assertThat(Run.of("io", "-c", "write -P 7 0 64k", image).status()).isZero();
    assertThat(Run.of("io", "-c", "read -P 7 0 64k", image).out()).doesNotContain("failed");
    assertThat(Run.of("img", "check", image).status()).isZero();
  }

  @Test
  void aBudgetThatIsNotUnderstoodIsRefused() {
    System.setProperty(KEY, "much");

    Run run = Run.of("img", "info", image);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("the site's defaults are not accepted", "cache-budget");
  }
}

package dev.platter.tools.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteToolsTest {
  private static final String PROFILE = "platter.cache-sizing";

  @TempDir private Path folder;

  @AfterEach
  void forgetTheSite() {
    System.clearProperty(PROFILE);
  }

  @Test
  void confShowSaysWhereEachValueComesFrom() {
    System.setProperty(PROFILE, "qemu-7.2");

    Run run = Run.of("conf", "show");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .containsPattern("cache-sizing +qemu-7.2 +system property -Dplatter.cache-sizing");
    assertThat(run.out()).containsPattern("chain-depth +1024 +shipped platter.properties:\\d+");
    assertThat(run.out()).containsPattern("gate-folders +none +built-in");
  }

  @Test
  void aBadSiteDefaultIsShownWithWhatIsAllowed() {
    System.setProperty(PROFILE, "qemu-7.3");

    Run run = Run.of("conf", "show");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("qemu-7.3", "qemu-7.2", "^").endsWith("\n");
  }

  @Test
  void cacheAdviseGivesTheStringThatCoversEachImageOfAChain() {
    String base = folder.resolve("a,b.qcow2").toString();
    String overlay = folder.resolve("top.qcow2").toString();
    Run.of("img", "create", "-q", "-f", "qcow2", base, "20G");
    Run.of(
        "img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        base,
        "-F",
        "qcow2",
        "-o",
        "cluster_size=2M",
        overlay);

    Run run = Run.of("cache", "advise", overlay);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "rule:  disk_size = l2_cache_size * cluster_size / 8",
            "drive: file=" + overlay,
            "l2-cache-size=4M,backing.l2-cache-size=2560K",
            "cost:  at most 14848K of memory for 2 images");
  }

  @Test
  void rawImagesHaveNoCacheToAdvise() {
    String image = folder.resolve("disk.img").toString();
    Run.of("img", "create", "-q", "-f", "raw", image, "1M");

    Run run = Run.of("cache", "advise", image);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("no image of this chain has caches");
  }
}

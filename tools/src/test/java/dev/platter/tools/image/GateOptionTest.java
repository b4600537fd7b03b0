package dev.platter.tools.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an image may have opened, as command lines and the site say. */
class GateOptionTest {
  private static final String SITE_KEY = "platter.gate";
  private static final String DEPTH_KEY = "platter.chain-depth";

  @TempDir private Path folder;
  private String overlay;
  private String described;
  private String site;

  @BeforeEach
  void createImages() throws IOException {
    site = System.clearProperty(SITE_KEY);
    Files.createDirectory(folder.resolve("bases"));
    String base = folder.resolve("bases/base.qcow2").toString();
    overlay = folder.resolve("overlay.qcow2").toString();
    described = folder.resolve("described.qcow2").toString();
    create(base, "1M");
    create("-b", base, "-F", "qcow2", overlay);
    create("-u", "-b", "json:{\"file.filename\":\"x\"}", "-F", "raw", described, "1M");
  }

  @AfterEach
  void forgetTheSite() {
    if (site == null) {
      System.clearProperty(SITE_KEY);
    } else {
      System.setProperty(SITE_KEY, site);
    }
    System.clearProperty(DEPTH_KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "default, 0",
    "off, 0",
    "strict, 1",
    "strict=BASES, 0",
    "strict=/usr:BASES, 0",
    "strict=/usr, 1"
  })
  void thePolicyDecidesAboutABackingFile(String policy, int status) {
    String gate = "--gate=" + policy.replace("BASES", folder.resolve("bases").toString());

    assertThat(Run.of("img", "map", gate, overlay).status()).isEqualTo(status);
    assertThat(Run.of("io", gate, "-c", "read 0 512", overlay).status()).isEqualTo(status);
    assertThat(
            Run.of("guest", "--drive", "file=" + overlay, gate, "--number_ios", "1", "--rw", "read")
                .status())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"default, 1", "beside, 0", "off, 0", "strict, 1"})
  void thePolicyDecidesAboutADataFileInTheImagesFolder(String policy, int status) {
    String external = folder.resolve("external.qcow2").toString();
    create("-o", "data_file=" + folder.resolve("data"), external, "1M");
    String gate = "--gate=" + policy;

    assertThat(Run.of("img", "info", gate, external).status()).isZero();
    assertThat(Run.of("img", "map", gate, external).status()).isEqualTo(status);
    assertThat(Run.of("io", gate, "-c", "write 0 512", external).status()).isEqualTo(status);
  }

  @Test
  void aRefusalNamesTheOptionsThatWouldAllowTheFile() {
    assertThat(Run.of("img", "info", "--backing-chain", described).err())
        .contains("'json:{\"file.filename\":\"x\"}'")
        .contains("backing.file.filename=...", "--gate off");
  }

  @Test
  void theSitesPolicyHoldsWhereTheCommandLineSaysNothing() {
    System.setProperty(SITE_KEY, "strict");

    assertThat(Run.of("img", "map", overlay).err()).contains("outside the allowed folders");
    assertThat(Run.of("img", "map", "--gate", "default", overlay).status()).isZero();
  }

  @Test
  void aSiteThatIsNotUnderstoodLetsNothingBeOpened() {
    System.setProperty(SITE_KEY, "strct");

    Run run = Run.of("img", "map", overlay);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("the site's defaults are not accepted", "did you mean strict?");
  }

  @Test
  void theSitesDepthOfChainsHoldsForCommandsToo() {
    System.setProperty(DEPTH_KEY, "1");

    assertThat(Run.of("img", "map", overlay).err()).contains("more than 1 layers");
    assertThat(Run.of("img", "info", "--backing-chain", overlay).err())
        .contains("more than 1 layers");
    assertThat(Run.of("io", "--gate", "off", "-c", "read 0 512", overlay).err())
        .contains("more than 1 layers");
    assertThat(Run.of("img", "info", overlay).status()).isZero();
    System.setProperty(DEPTH_KEY, "2");
    assertThat(Run.of("img", "map", overlay).status()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"offf, off", "stric=/tmp, strict"})
  void anUnknownPolicyIsRefusedWithTheNearest(String policy, String near) {
    Run run = Run.of("img", "info", "--gate", policy, overlay);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("--gate does not take '" + policy + "'", "did you mean '" + near + "'?");
  }

  private static void create(String... words) {
    String[] line = new String[words.length + 5];
    System.arraycopy(new String[] {"img", "create", "-q", "-f", "qcow2"}, 0, line, 0, 5);
    System.arraycopy(words, 0, line, 5, words.length);
    assertThat(Run.of(line).status()).isZero();
  }
}

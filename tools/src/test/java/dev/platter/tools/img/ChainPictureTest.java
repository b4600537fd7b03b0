package dev.platter.tools.img;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tools.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** What {@code info --tree} and {@code map --svg} say of a chain of two layers. */
class ChainPictureTest {
  @TempDir Path folder;
  private String base;
  private String top;

  @BeforeEach
  void makeChain() {
    base = folder.resolve("base&.qcow2").toString();
    top = folder.resolve("top.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", base, "4M");
    ok("io", "-c", "write 0 2M", base);
    ok("img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top);
    ok("io", "-c", "write 1M 128k", "-c", "write 0 64k", "-c", "write -z 3M 64k", top);
  }

  @Test
  void theTreeSaysWhatEachLayerHoldsAndShows() {
    Run run = ok("img", "info", "--tree", top);

    assertThat(run.out().replaceAll(", [^,]* on the host", ""))
        .isEqualTo(
            """
            %s: qcow2, a disk of 4 MiB
            │  holds data 192 KiB, zeros 64 KiB, in 2 pieces
            │  shows 256 KiB (6.3%% of the disk)
            └─ %s: qcow2, a disk of 4 MiB
                  holds data 2 MiB, zeros 0 B, in 1 piece
                  shows 1.81 MiB (45.3%% of the disk); layers above hide 192 KiB
            no layer holds 1.94 MiB (48.4%% of the disk), which reads as zeros
            """
                .formatted(top, base));
  }

  @Test
  void spaceThatTheHostDoesNotStoreYetIsReservedAndNotZeros() {
    String reserved = folder.resolve("reserved.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", "-o", "preallocation=metadata", reserved, "4M");
    ok("io", "-c", "write -q 1M 128k", "-c", "write -q -z -u 3M 64k", reserved);

    assertThat(ok("img", "info", "--tree", reserved).out())
        .contains("holds data 128 KiB, reserved 3.81 MiB, zeros 64 KiB, in ");
    assertThat(ok("img", "info", "--tree", "--output=json", reserved).out())
        .contains("\"data\": 131072", "\"reserved\": 3997696", "\"zero\": 65536");
  }

  @Test
  void theTreeIsThereAsJson() {
    assertThat(ok("img", "info", "--tree", "--output=json", top).out())
        .contains("\"visible\": 262144", "\"hidden\": 196608", "\"fragments\": 2");
  }

  @Test
  void thePictureIsAnSvgFileThatNamesTheLayers() throws Exception {
    Path picture = folder.resolve("map.svg");
    ok("img", "map", "--svg", picture.toString(), top);

    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertThat(document.getElementsByTagName("rect").getLength()).isBetween(20, 20_000);
    assertThat(document.getDocumentElement().getTextContent())
        .contains(top + " (top): shows 256 KiB, data in 2 pieces")
        .contains(base + " (depth 1): shows 1.81 MiB, data in 1 piece")
        .contains("held by no layer");
    assertThat(Files.size(picture)).isLessThan(1 << 20);
  }

  @Test
  void whatWasWrittenInOrderIsOneLine() throws Exception {
    String image = folder.resolve("ordered.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", image, "256M");
    ok("io", "-c", "write -q 16M 4M", "-c", "write -q 20M 4M", "-c", "write -q 100M 64k", image);

    Document picture = picture(image);
    assertThat(picture.getElementsByTagName("line").getLength()).isEqualTo(1);
  }

  @Test
  void compressedDataIsStripedAndSaidSo() throws Exception {
    String image = folder.resolve("packed.qcow2").toString();
    ok("img", "create", "-q", "-f", "qcow2", image, "1M");
    ok("io", "-c", "write -q -c 0 512k", image);

    Document picture = picture(image);
    assertThat(picture.getElementsByTagName("pattern").getLength()).isEqualTo(1);
    assertThat(picture.getDocumentElement().getTextContent())
        .contains("the same layer, compressed: 512 KiB");
  }

  @Test
  void aPictureThatCannotBeWrittenSaysWhy() {
    Run missing = Run.of("img", "map", "--svg=" + folder.resolve("none/a.svg"), top);
    assertThat(missing.err())
        .isEqualTo(
            "qemu-img: Could not write '%s': No such file or directory%n"
                .formatted(folder.resolve("none/a.svg")));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(Run.of("img", "map", "--svg=", top).err())
        .startsWith("qemu-img: --svg needs the name of a file");
  }

  private Document picture(String image) throws Exception {
    Path file = folder.resolve("picture.svg");
    ok("img", "map", "--svg", file.toString(), image);
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  private static Run ok(String... words) {
    Run run = Run.of(words);
    assertThat(run.status()).as("%s: %s", String.join(" ", words), run.err()).isZero();
    return run;
  }
}

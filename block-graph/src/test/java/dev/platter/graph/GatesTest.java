package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatesTest {
  @Test
  void defaultGateLetsPlainBackingPathsPass() throws IOException {
    try (TestGraph test = new TestGraph()) {
      test.createToy("/base", 4096);
      test.createToy("/top", 4096, "/base", "toy");
      assertThat(test.graph.chainOf(test.open(TestGraph.toy("/top")))).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json:{\"driver\":\"raw\"}",
        "nbd://host/export",
        "nbd:unix:/tmp/x",
        "file:/etc/passwd",
        "fat:rw:/home",
        "a:b"
      })
  void defaultGateRefusesEverythingElseByNameAndSaysHowToAllowIt(String name) throws IOException {
    try (TestGraph test = new TestGraph()) {
      test.createToy("/top", 4096, name, "raw");
      assertThatThrownBy(() -> test.open(TestGraph.toy("/top")))
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("image names another file '" + name + "'")
          .hasMessageContaining("allow it explicitly with backing.file.filename=...");
      assertThat(test.files.openFiles()).isEmpty();
    }
  }

  @Test
  void nameWithNulIsRefusedWhateverTheGate() throws IOException {
    try (TestGraph test = new TestGraph(Gates.off())) {
      test.createToy("/top", 4096, "/base\0.png", "raw");
      assertThatThrownBy(() -> test.open(TestGraph.toy("/top")))
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("'/base\\0.png'");
    }
  }

  @Test
  void relativeNameInAnImageThatIsNoHostFileIsRefused() {
    assertThatThrownBy(
            () ->
                BackingNames.resolve(
                    new dev.platter.tck.fake.MemoryNode("memory"), "memory", "base.img"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("Cannot use relative backing file names for 'base.img'");
  }

  @Test
  void dataFileThatAnImageNamesIsRefusedUnlessTheUserNamesIt() throws IOException {
    try (TestGraph test = new TestGraph()) {
      test.createToy("/top", 4096);
      test.files.put("/etc/shadow", new byte[10]);
      NodeSpec spec = TestGraph.toy("/top").with("data-file-name", "/etc/shadow");
      assertThatThrownBy(() -> test.open(spec))
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("'/etc/shadow' as its data-file")
          .hasMessageContaining("data-file.filename=...");
      FormatNode node =
          test.open(spec.withChild("data-file", NodeSpec.file("/etc/shadow").named("data")));
      assertThat(test.graph.find("data")).isPresent();
      node.close();
      assertThat(test.files.openFiles()).isEmpty();
    }
  }

  @Test
  void gateBesideLetsADataFileLieInTheImagesFolderAlsoWhereLinksLead(@TempDir Path folder)
      throws IOException {
    Path image = Files.createFile(folder.resolve("image"));
    Path beside = Files.createFile(folder.resolve("data"));
    Path elsewhere = Files.createFile(Files.createDirectory(folder.resolve("other")).resolve("x"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);
    OpenGate gate = Gates.beside();
    assertThatCode(() -> gate.check(dataFile(image, beside.toString()))).doesNotThrowAnyException();
    assertThatCode(() -> gate.check(dataFile(image, folder.resolve("missing").toString())))
        .doesNotThrowAnyException();
    for (String name :
        List.of(
            elsewhere.toString(),
            link.toString(),
            folder.resolve("other/../../x").toString(),
            folder.resolve("gone/x").toString(),
            "json:{}",
            "nbd:host")) {
      assertThatThrownBy(() -> gate.check(dataFile(image, name)))
          .as(name)
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("data-file.filename=...");
    }
    for (OpenGate other : List.of(Gates.defaultGate(), Gates.strict(List.of(folder)))) {
      assertThatThrownBy(() -> other.check(dataFile(image, beside.toString())))
          .isInstanceOf(ImageRefusedException.class);
    }
  }

  private static OpenGate.ImplicitOpen dataFile(Path image, String name) {
    return new OpenGate.ImplicitOpen("image", "data-file", name, name, Optional.of(image));
  }

  @Test
  void dataFileIsNotTheImageItself() throws IOException {
    try (TestGraph test = new TestGraph(Gates.off())) {
      test.createToy("/top", 4096);
      assertThatThrownBy(() -> test.open(TestGraph.toy("/top").with("data-file-name", "top")))
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("loops at '/top'");
    }
  }

  @Test
  void strictGateConfinesToFoldersAlsoThroughLinksAndDots(@TempDir Path folder) throws IOException {
    Path allowed = Files.createDirectory(folder.resolve("allowed"));
    Path secret = Files.createFile(folder.resolve("secret"));
    Path image = Files.createFile(allowed.resolve("base"));
    Path link = Files.createSymbolicLink(allowed.resolve("link"), secret);
    OpenGate gate = Gates.strict(List.of(allowed));
    assertThatCode(() -> gate.check(backing(image.toString()))).doesNotThrowAnyException();
    for (Path refused : List.of(secret, link, allowed.resolve("../secret"), folder.resolve("no"))) {
      assertThatThrownBy(() -> gate.check(backing(refused.toString())))
          .isInstanceOf(ImageRefusedException.class);
    }
    assertThatThrownBy(() -> Gates.strict(List.of()).check(backing(image.toString())))
        .isInstanceOf(ImageRefusedException.class);
  }

  private static OpenGate.ImplicitOpen backing(String path) {
    return new OpenGate.ImplicitOpen("top", "backing", path, path, Optional.empty());
  }
}

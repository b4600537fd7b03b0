package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageCreateTest {
  private final TestGraph test = new TestGraph();

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void overlayHasTheSizeOfItsBackingFile() throws IOException {
    test.createToy("/images/base", 12_345);
    test.graph.create(CreateRequest.overlay("toy", "/images/top", "base", "toy"));
    try (FormatNode top = test.open(TestGraph.toy("/images/top"))) {
      assertThat(top.size()).isEqualTo(12_345);
      assertThat(top.backing()).isPresent();
    }
  }

  @Test
  void backingFileIsLookedAtWithoutItsOwnChain() throws IOException {
    test.createToy("/mid", 8192, "/missing", "toy");
    test.graph.create(CreateRequest.overlay("toy", "/top", "/mid", "toy"));
    assertThat(test.files.get("/top")).isNotNull();
  }

  @Test
  void missingBackingFileIsRefusedBeforeTheFileIsTouched() {
    assertThatThrownBy(
            () -> test.graph.create(CreateRequest.overlay("toy", "/top", "/missing", "toy")))
        .hasMessage(
            "Could not open backing file: Could not open '/missing': No such file or directory");
    assertThat(test.files.get("/top")).isNull();
  }

  @Test
  void uncheckedBackingFileMayBeMissing() throws IOException {
    test.createToy("/top", 4096, "/missing", "toy");
    assertThat(test.files.get("/top")).isNotNull();
  }

  @Test
  void wrongOptionsAreRefusedBeforeTheFileIsTouched() {
    test.files.put("/disk", new byte[] {7});
    CreateRequest request =
        CreateRequest.of("toy", "/disk", 4096).with("cluster-siez", "1k").with("zeroes", "maybe");
    assertThatThrownBy(() -> test.graph.create(request))
        .isInstanceOfSatisfying(OptionException.class, e -> assertThat(e.problems()).hasSize(2));
    assertThat(test.files.get("/disk").bytes()).containsExactly(7);
  }

  @Test
  void sizeIsNeededWithoutBackingFileAndFormatWithOne() {
    CreateRequest sizeless =
        new CreateRequest("toy", "/disk", OptionalLong.empty(), Optional.empty(), Map.of(), true);
    assertThatThrownBy(() -> test.graph.create(sizeless))
        .hasMessage("Image creation needs a size parameter");
    CreateRequest formatless =
        new CreateRequest(
            "toy",
            "/disk",
            OptionalLong.of(1),
            Optional.of(new BackingReference("/base", Optional.empty())),
            Map.of(),
            true);
    assertThatThrownBy(() -> test.graph.create(formatless))
        .hasMessage("Backing file specified without backing format");
  }

  @Test
  void onlyFormatsAreCreated() {
    assertThatThrownBy(() -> test.graph.create(CreateRequest.of("file", "/disk", 1)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("'file' is not an image format");
    assertThatThrownBy(() -> test.graph.create(CreateRequest.of("tyo", "/disk", 1)))
        .hasMessage("Unknown driver 'tyo'");
    assertThatThrownBy(() -> test.graph.create(CreateRequest.of("toy", "nbd:x", 1)))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void fileThatNoImageCouldBePutIntoIsDeleted() {
    test.files.wrap(
        "/disk", file -> new FaultyNode(file).failNth(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC));
    assertThatThrownBy(() -> test.createToy("/disk", 4096))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    assertThat(test.files.get("/disk")).isNull();
  }

  @Test
  void existingFileIsReplaced() throws IOException {
    test.createToy("/disk", 8192);
    try (BlockNode disk = test.open(TestGraph.toy("/disk"))) {
      disk.write(0, new byte[] {1});
    }
    test.createToy("/disk", 4096);
    try (BlockNode disk = test.open(TestGraph.toy("/disk"))) {
      byte[] found = new byte[4096];
      disk.read(0, found);
      assertThat(found).containsOnly(0);
    }
  }
}

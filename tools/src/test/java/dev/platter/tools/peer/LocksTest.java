package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Platter and QEMU exclude each other: whoever has an image open, both refuse, or do, the same and
 * say the same.
 */
class LocksTest {
  private static final Program PLATTER = new PlatterProgram();

  /** {@code X} is in use; {@code top} has it as backing file, {@code other} is like it. */
  private static final List<String> COMMANDS =
      List.of(
          "img info DIR/X",
          "img info -U DIR/X",
          "img info --backing-chain DIR/top",
          "img info -U --backing-chain DIR/top",
          "img check DIR/X",
          "img check -U DIR/X",
          "img check -U -r all DIR/X",
          "img map DIR/X",
          "img map -U DIR/X",
          "img compare DIR/X DIR/other",
          "img compare DIR/other DIR/X",
          "img compare -U DIR/other DIR/X",
          "img convert -O raw DIR/X DIR/out",
          "img convert -U -O raw DIR/X DIR/out",
          "img convert -O raw DIR/top DIR/out",
          "img convert -O qcow2 DIR/other DIR/X",
          "img convert -n -O qcow2 DIR/other DIR/X",
          "img create -f qcow2 DIR/X 1M",
          "img create -q -f raw DIR/X 1M",
          "img create -q -f qcow2 -b X -F qcow2 DIR/out",
          "img resize DIR/X +1M",
          "img bench -c 1 -s 4k DIR/X",
          "img bench -w -c 1 -s 4k DIR/X",
          "io -c 'read 0 4k' DIR/X",
          "io -c 'write 0 4k' DIR/X",
          "io -r -c 'read 0 4k' DIR/X",
          "io -r -U -c 'read 0 4k' DIR/X",
          "io -U -c 'read 0 4k' DIR/X",
          "io -c 'read 0 4k' DIR/top",
          "io -r -U -c 'read 0 4k' DIR/top",
          "io -s -c 'read 0 4k' DIR/X",
          "io --image-opts -c length driver=qcow2,file.filename=DIR/X",
          "io --image-opts -c length driver=qcow2,file.filename=DIR/X,file.locking=off",
          "io -r --image-opts -c length driver=qcow2,file.filename=DIR/X,force-share=on",
          "io -f raw -r -c 'read 0 4k' DIR/X");

  @TempDir Path folder;

  /** Who has the image open. */
  enum Holder {
    QEMU_WRITES,
    QEMU_READS,
    PLATTER_WRITES,
    PLATTER_READS;

    AutoCloseable open(Path image) throws IOException {
      return switch (this) {
        case QEMU_WRITES -> QemuHolder.start("-f", "qcow2", image.toString());
        case QEMU_READS -> QemuHolder.start("-r", "-f", "qcow2", image.toString());
        case PLATTER_WRITES -> openHere(image, "off");
        case PLATTER_READS -> openHere(image, "on");
      };
    }

    private static AutoCloseable openHere(Path image, String readOnly) throws IOException {
      BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
      graph.open(qcow2(image).with("read-only", readOnly));
      return graph;
    }
  }

  @BeforeEach
  void create() throws Exception {
    assumeTrue(
        QemuProgram.isInstalled(),
        "qemu-img and qemu-io " + QemuProgram.RECORDED_VERSION + " are not installed");
    for (String image : List.of("X", "other")) {
      run(new QemuProgram(), "img create -q -f qcow2 DIR/" + image + " 1M");
      run(new QemuProgram(), "io -c 'write -P 7 0 64k' DIR/" + image);
    }
    run(new QemuProgram(), "img create -q -f qcow2 -b X -F qcow2 DIR/top");
  }

  @ParameterizedTest
  @EnumSource
  void bothRespectWhoeverHasTheImage(Holder holder) throws Exception {
    try (AutoCloseable _ = holder.open(folder.resolve("X"))) {
      for (String command : COMMANDS) {
        String ours = run(PLATTER, command);
        assertThat(ours)
            .as("%s, while %s", command, holder)
            .isEqualTo(run(new QemuProgram(), command));
      }
    }
    assertThat(run(PLATTER, "img compare DIR/X DIR/other")).startsWith("Images are identical.");
    assertThat(run(new QemuProgram(), "img check DIR/X")).contains("No errors were found");
  }

  @Test
  void imageIsFreeAtOnceWhenItsHolderIsKilled() throws Exception {
    QemuHolder holder = QemuHolder.start("-f", "qcow2", folder.resolve("X").toString());
    assertThat(run(PLATTER, "io -c 'read 0 4k' DIR/X")).contains("Failed to get \"write\" lock");
    holder.kill();
    assertThat(run(PLATTER, "io -c 'read 0 4k' DIR/X")).contains("exit status 0");
  }

  @Test
  void guestsDiskIsNotWrittenByOthersThoughItIsRaw() throws Exception {
    Path raw = Files.write(folder.resolve("raw"), new byte[1 << 20]);
    NodeSpec spec = NodeSpec.of("raw").withChild("file", NodeSpec.file(raw.toString()));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockBackend disk = graph.openBackend(spec)) {
      for (String command :
          List.of(
              "io -f raw -c length DIR/raw",
              "io -f raw -r -c length DIR/raw",
              "img resize -f raw DIR/raw 2M",
              "img convert -f raw -O raw DIR/raw DIR/out")) {
        assertThat(run(PLATTER, command)).isEqualTo(run(new QemuProgram(), command));
      }
      assertThat(run(new QemuProgram(), "io -f raw -c length DIR/raw"))
          .contains("Failed to get \"write\" lock");
      assertThat(disk.size()).isEqualTo(1 << 20);
    }
  }

  @Test
  void liveSnapshotLetsOthersReadTheOldTop() throws Exception {
    Path image = folder.resolve("X");
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockBackend disk = graph.openBackend(qcow2(image))) {
      assertThat(run(new QemuProgram(), "img info DIR/X")).contains("shared \"write\" lock");
      String overlay = folder.resolve("overlay").toString();
      graph.snapshot(disk, graph.createOverlay(disk, "qcow2", overlay, Map.of()));
      assertThat(run(new QemuProgram(), "img info DIR/X")).contains("exit status 0");
      assertThat(run(new QemuProgram(), "io -c length DIR/X"))
          .contains("Failed to get \"write\" lock");
      assertThat(run(new QemuProgram(), "img info DIR/overlay"))
          .contains("Failed to get shared \"write\" lock");
    }
  }

  private static NodeSpec qcow2(Path image) {
    return NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString()));
  }

  private String run(Program program, String line) throws IOException, InterruptedException {
    List<String> words =
        Words.split(line).stream().map(word -> word.replace("DIR", folder.toString())).toList();
    Program.Result result = program.run(words, new byte[0]);
    String out = Masks.places(Masks.timesAndSizes(result.out(), folder.toString()));
    String err = Masks.timesAndSizes(result.err(), folder.toString());
    return out + "\n-- standard error --\n" + err + "\n-- exit status " + result.status();
  }
}

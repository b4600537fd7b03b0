package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The host's space that an image takes, beside what it takes when QEMU does the same to it. */
class HostSpaceTest {
  private static final int DISK_BYTES = 10 << 20;
  private static final int BLOCK_BYTES = 512;
  private static final int ROUNDS = 20;

  /** The host's file system may keep a few blocks more or less for the same bytes. */
  private static final long TOLERANCE_BLOCKS = 256;

  @TempDir private Path folder;

  /** What lets go of all of a disk. */
  enum Request {
    DISCARD("discard 0 10M"),
    ZERO("write -q -z 0 10M"),
    ZERO_UNMAP("write -q -z -u 0 10M");

    private final String command;

    Request(String command) {
      this.command = command;
    }

    void perform(BlockNode node) throws IOException {
      switch (this) {
        case DISCARD -> node.discard(0, DISK_BYTES);
        case ZERO -> node.writeZeroes(0, DISK_BYTES, ZeroMode.KEEP_ALLOCATED);
        case ZERO_UNMAP -> node.writeZeroes(0, DISK_BYTES, ZeroMode.MAY_UNMAP);
      }
    }
  }

  @BeforeEach
  void needsQemu() {
    QemuIo.assumeInstalled();
  }

  @ParameterizedTest
  @CsvSource({
    "0.10, DISCARD, unmap", "0.10, ZERO, unmap", "0.10, ZERO_UNMAP, unmap",
    "1.1, DISCARD, unmap", "1.1, ZERO, unmap", "1.1, ZERO_UNMAP, unmap",
    "0.10, DISCARD, ignore", "0.10, ZERO, ignore", "0.10, ZERO_UNMAP, ignore",
    "1.1, DISCARD, ignore", "1.1, ZERO, ignore", "1.1, ZERO_UNMAP, ignore"
  })
  void anImageTakesAsManyBlocksAsWithQemu(String compat, Request request, String discard)
      throws IOException {
    Path qemus = create("qemu.qcow2", compat);
    QemuIo.io(
        "driver=qcow2,discard=%s,file.driver=file,file.discard=unmap,file.filename=%s"
            .formatted(discard, qemus),
        List.of("write -q -P 1 0 10M", request.command));
    Path ours = create("ours.qcow2", compat);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      BlockNode node = graph.open(spec(ours, discard));
      node.write(0, filled(1));
      request.perform(node);
    }
    assertThat(QemuIo.blocks(ours)).isLessThanOrEqualTo(QemuIo.blocks(qemus) + TOLERANCE_BLOCKS);
    assertThat(QemuIo.img("check", ours.toString())).contains("No errors were found");
  }

  @ParameterizedTest
  @EnumSource(
      value = Request.class,
      names = {"DISCARD", "ZERO_UNMAP"})
  void aGuestThatNeverFlushesDoesNotFillTheHost(Request request) throws IOException {
    Path image = create("image.qcow2", "1.1");
    byte[] found = new byte[DISK_BYTES];
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      BlockNode node = graph.open(spec(image, "unmap"));
      for (int round = 1; round <= ROUNDS; round++) {
        node.write(0, filled(round));
        node.read(0, found);
        assertThat(Arrays.equals(found, filled(round))).as("round %d", round).isTrue();
        request.perform(node);
        assertThat(Files.size(image)).as("round %d", round).isLessThan(4L * DISK_BYTES);
      }
    }
    assertThat(QemuIo.blocks(image) * BLOCK_BYTES).isLessThan(DISK_BYTES / 4);
    assertThat(QemuIo.img("check", image.toString())).contains("No errors were found");
  }

  private Path create(String fileName, String compat) throws IOException {
    Path image = folder.resolve(fileName);
    QemuIo.img(
        "create", "-q", "-f", "qcow2", "-o", "compat=" + compat, image.toString(), "" + DISK_BYTES);
    return image;
  }

  private static NodeSpec spec(Path image, String discard) {
    return NodeSpec.of("qcow2")
        .with("discard", discard)
        .withChild("file", NodeSpec.file(image.toString()).with("discard", "unmap"));
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[DISK_BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

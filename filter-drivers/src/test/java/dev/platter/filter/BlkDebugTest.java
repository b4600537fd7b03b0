package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlkDebugTest {
  @TempDir private Path folder;
  private Path image;

  @BeforeEach
  void createImage() throws IOException {
    image = folder.resolve("image.qcow2");
    try (BlockGraph graph = graph()) {
      graph.create(CreateRequest.of("qcow2", image.toString(), 1 << 20));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "l2_load, read",
    "write_aio, overwrite",
    "cow_write, write",
    "cluster_alloc, write",
    "refblock_load, write",
    "reftable_load, write",
    "flush_to_os, flush",
    "flush_to_disk, flush",
    "l2_update, flush",
    "l1_update, flush",
    "refblock_update_part, flush"
  })
  void eventFailsTheRequestThatItAnnounces(String event, String request) throws IOException {
    if (request.equals("read") || request.equals("overwrite")) {
      write();
    }
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, "inject-error.0.event=" + event, "inject-error.0.once=on");
      assertThatThrownBy(() -> send(node, request))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
      if (!event.equals("flush_to_disk")) {
        assertThatCode(() -> send(node, request)).as("once").doesNotThrowAnyException();
        return;
      }
      assertThatThrownBy(node::flush).as("a failed flush is sticky").isNotNull();
      assertThatThrownBy(graph::close).isInstanceOf(BlockIoException.class);
    }
  }

  @Test
  void errorWithoutOnceGoesOn() throws IOException {
    write();
    try (BlockGraph graph = graph()) {
      BlockNode node =
          open(
              graph,
              "inject-error.0.event=read_aio",
              "inject-error.0.errno=28",
              "inject-error.0.iotype=read");
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> node.read(0, new byte[512]))
            .isInstanceOfSatisfying(
                BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      }
    }
  }

  @Test
  void statesCountUpToTheNthCall() throws IOException {
    write();
    try (BlockGraph graph = graph()) {
      BlockNode node =
          open(
              graph,
              "set-state.0.event=read_aio",
              "set-state.0.state=1",
              "set-state.0.new_state=2",
              "set-state.1.event=read_aio",
              "set-state.1.state=2",
              "set-state.1.new_state=3",
              "inject-error.0.event=read_aio",
              "inject-error.0.state=3",
              "inject-error.0.once=on");
      node.read(0, new byte[512]);
      node.read(0, new byte[512]);
      assertThatThrownBy(() -> node.read(0, new byte[512])).isInstanceOf(BlockIoException.class);
      node.read(0, new byte[512]);
    }
  }

  @Test
  void errorWaitsForItsSectorAndItsKindOfRequest() throws IOException {
    Path disk = Files.write(folder.resolve("disk.raw"), new byte[8192]);
    String options =
        "driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename=%s,"
                .formatted(disk)
            + "file.inject-error.0.event=none,file.inject-error.0.sector=3,"
            + "file.inject-error.0.iotype=write";
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(DriveSpec.parse(options, DriverRegistry.discover()).node());
      node.write(0, new byte[1536]);
      node.write(2048, new byte[512]);
      node.read(0, new byte[4096]);
      assertThatThrownBy(() -> node.write(1024, new byte[1024]))
          .isInstanceOf(BlockIoException.class);
    }
  }

  @Test
  void configFileOfQemusHasTheSameRules() throws IOException {
    write();
    Path config =
        Files.writeString(
            folder.resolve("blkdebug.conf"),
            """
            # The second read fails.
            [set-state]
            event = "read_aio"
            state = "1"
            new_state = "2"

            [inject-error]
            event = "read_aio"
            state = "2"
            errno = "122"
            once = "on"
            """);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, "config=" + config);
      node.read(0, new byte[512]);
      assertThatThrownBy(() -> node.read(0, new byte[512]))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EDQUOT));
      node.read(0, new byte[512]);
    }
    QemuIo.assumeInstalled();
    String qemus =
        QemuIo.io(
            "driver=qcow2,file.driver=blkdebug,file.config=%s,file.image.driver=file,"
                    .formatted(config)
                + "file.image.filename="
                + image,
            List.of("read 0 512", "read 0 512", "read 0 512"));
    assertThat(qemus.lines().filter(line -> line.startsWith("read ")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("read 512/512"),
            line -> assertThat(line).contains("Disk quota exceeded"),
            line -> assertThat(line).startsWith("read 512/512"));
  }

  @Test
  void limitsAreThoseAskedFor() throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node =
          graph.open(
              NodeSpec.of("blkdebug")
                  .with("align", "4096")
                  .with("max-transfer", "64k")
                  .with("opt-write-zero", "8k")
                  .with("opt-discard", "16k")
                  .withChild("image", NodeSpec.file(image.toString())));
      assertThat(node.limits().requestAlignmentBytes()).isEqualTo(4096);
      assertThat(node.limits().maxTransferBytes()).isEqualTo(65536);
      assertThat(node.limits().zeroAlignmentBytes()).isEqualTo(8192);
      assertThat(node.limits().discardAlignmentBytes()).isEqualTo(16384);
    }
  }

  private byte[] writeOnes() throws IOException {
    byte[] ones = new byte[32 << 10];
    Arrays.fill(ones, (byte) 1);
    Files.write(image, ones);
    return ones;
  }

  @Test
  void longZeroWritesAreSplitAndFailAtThePieceThatIsHit() throws IOException {
    byte[] ones = writeOnes();
    try (BlockGraph graph = graph()) {
      BlockNode node =
          graph.open(
              NodeSpec.of("blkdebug")
                  .with("max-write-zero", "4k")
                  .with("max-discard", "4k")
                  .with("inject-error.0.event", "none")
                  .with("inject-error.0.sector", "16")
                  .withChild("image", NodeSpec.file(image.toString())));
      assertThatThrownBy(() -> node.writeZeroes(0, ones.length, ZeroMode.KEEP_ALLOCATED))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("4096 bytes at 0x2000");
      assertThatThrownBy(() -> node.discard(0, ones.length))
          .hasMessageContaining("4096 bytes at 0x2000");
    }
    Arrays.fill(ones, 0, 8 << 10, (byte) 0);
    assertThat(Files.readAllBytes(image)).isEqualTo(ones);
  }

  @Test
  void zeroWritesAndDiscardsAreSplitAtMultiplesOfTheirUnit() throws IOException {
    byte[] ones = writeOnes();
    try (BlockGraph graph = graph()) {
      BlockNode node =
          graph.open(
              NodeSpec.of("blkdebug")
                  .with("opt-write-zero", "3k")
                  .with("max-write-zero", "6k")
                  .with("opt-discard", "5k")
                  .with("inject-error.0.event", "none")
                  .with("inject-error.0.sector", "29")
                  .withChild("image", NodeSpec.file(image.toString())));
      assertThat(node.limits().zeroAlignmentBytes()).isEqualTo(3072);
      assertThatThrownBy(() -> node.writeZeroes(1000, 20_000, ZeroMode.KEEP_ALLOCATED))
          .hasMessageContaining("6144 bytes at 0x%x".formatted(9 << 10));
      assertThatThrownBy(() -> node.discard(1000, 20_000))
          .hasMessageContaining("15360 bytes at 0x%x".formatted(5 << 10));
    }
    Arrays.fill(ones, 1000, 9 << 10, (byte) 0);
    assertThat(Files.readAllBytes(image)).isEqualTo(ones);
  }

  @ParameterizedTest
  @CsvSource({
    "inject-error.0.errno=5, Missing event name for rule",
    "inject-error.0.event=bogus, invalid parameter value: bogus",
    "set-state.0.event=l2_load, Missing new_state name for rule",
    "inject-error.0.evnet=x, doesn't support the option",
    "inject-error.1.event=x, not numbered without gaps",
    "inject-error.0.iotype=reed, does not accept value",
    "align=3000, Cannot meet constraints",
    "max-write-zero=1000, Cannot meet constraints with max-write-zero 1000",
    "max-discard=1000, Cannot meet constraints with max-discard 1000",
    "max-discard=2G, Cannot meet constraints with max-discard 2147483648",
    "max-transfer=1000, Cannot meet constraints with max-transfer 1000",
    "opt-write-zero=1000, Cannot meet constraints with opt-write-zero 1000",
    "opt-discard=1000, Cannot meet constraints with opt-discard 1000"
  })
  void optionsThatMakeNoSenseAreRefused(String option, String message) throws IOException {
    try (BlockGraph graph = graph()) {
      boolean aligned = option.startsWith("max") || option.startsWith("opt");
      String[] options = aligned ? new String[] {"align=512", option} : new String[] {option};
      assertThatThrownBy(() -> open(graph, options))
          .isInstanceOf(OptionException.class)
          .hasMessageContaining(message);
    }
  }

  private BlockNode open(BlockGraph graph, String... options) throws IOException {
    NodeSpec filter = NodeSpec.of("blkdebug").withChild("image", NodeSpec.file(image.toString()));
    for (String option : options) {
      int equals = option.indexOf('=');
      filter = filter.with(option.substring(0, equals), option.substring(equals + 1));
    }
    return graph.open(NodeSpec.of("qcow2").withChild("file", filter));
  }

  private void write() throws IOException {
    try (BlockGraph graph = graph()) {
      send(
          graph.open(NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString()))),
          "write");
    }
  }

  private static void send(BlockNode node, String request) throws IOException {
    switch (request) {
      case "read" -> node.read(0, new byte[512]);
      case "write", "overwrite" -> node.write(100, new byte[512]);
      default -> {
        node.write(100, new byte[512]);
        node.flush();
      }
    }
  }

  private static BlockGraph graph() {
    return BlockGraph.builder(DriverRegistry.discover()).build();
  }
}

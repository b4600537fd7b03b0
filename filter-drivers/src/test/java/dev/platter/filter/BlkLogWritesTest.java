package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.MarkedLog;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlkLogWritesTest {
  @TempDir private Path folder;
  private Path disk;
  private Path log;

  @BeforeEach
  void createFiles() throws IOException {
    disk = folder.resolve("disk.raw");
    log = folder.resolve("disk.log");
    resetFiles();
  }

  @Test
  void logIsQemusByteForByte() throws IOException {
    QemuIo.assumeInstalled();
    QemuIo.io(
        "driver=raw,discard=unmap,file.driver=blklogwrites,file.discard=unmap,"
            + "file.log-super-update-interval=2,file.file.discard=unmap,"
            + "file.file.driver=file,file.file.filename=%s,".formatted(disk)
            + "file.log.driver=file,file.log.filename=%s".formatted(log),
        List.of(
            "write -P 1 0 4k",
            "write -P 2 64k 512",
            "flush",
            "write -z 8k 4k",
            "discard 64k 4k",
            "write -P 3 100 10",
            "flush"));
    byte[] qemus = Files.readAllBytes(log);
    byte[] qemusDisk = Files.readAllBytes(disk);
    resetFiles();

    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(raw("log-super-update-interval", "2"));
      node.write(0, filled(4096, 1));
      node.write(65536, filled(512, 2));
      node.flush();
      node.writeZeroes(8192, 4096, ZeroMode.KEEP_ALLOCATED);
      node.discard(65536, 4096);
      node.write(100, filled(10, 3));
      node.flush();
      byte[] ours = Files.readAllBytes(log);
      assertThat(ours).isEqualTo(Arrays.copyOf(qemus, ours.length));
      assertThat(entries()).hasSize(7);
    }
    assertThat(Files.readAllBytes(disk)).isEqualTo(qemusDisk);
  }

  @Test
  void qemuAppendsToOurLogAndWeToQemus() throws IOException {
    QemuIo.assumeInstalled();
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(raw("log-sector-size", "4096"));
      node.write(0, filled(8192, 1));
      ((MarkedLog) graph.find("logger").orElseThrow()).mark("op 0");
      node.flush();
    }
    QemuIo.io(
        ("driver=blklogwrites,log-append=on,file.driver=file,file.filename=%s,log.driver=file,"
                + "log.filename=%s")
            .formatted(disk, log),
        List.of("write -P 2 4k 4k", "flush"));
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(raw("log-append", "on"));
      node.write(8192, filled(4096, 3));
      node.flush();
    }

    assertThat(entries().stream().map(BlkLogWritesTest::text))
        .containsSubsequence("write 0 +8192: 1", "mark op 0", "flush")
        .containsSubsequence("flush", "write 4096 +4096: 2", "flush")
        .containsSubsequence("flush", "write 8192 +4096: 3", "flush");
  }

  @Test
  void logThatIsEmptyIsBegunWhereItIsAppendedTo() throws IOException {
    Files.write(log, new byte[0]);
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(raw("log-append", "on"));
      node.write(0, filled(4096, 3));
      node.flush();
    }
    assertThat(entries().stream().map(BlkLogWritesTest::text))
        .containsSubsequence("write 0 +4096: 3", "flush");
  }

  @Test
  void partOfASectorIsLoggedWithTheBytesAroundIt() throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(raw("log-append", "off"));
      node.write(0, filled(1024, 1));
      node.write(510, filled(4, 9));
      node.writeZeroes(1000, 100, ZeroMode.MAY_UNMAP);
      node.flush();
      LogEntry.Write part = (LogEntry.Write) entries().get(1);
      assertThat(part.offset()).isZero();
      byte[] bytes = part.bytes().toArray(ValueLayout.JAVA_BYTE);
      assertThat(bytes).hasSize(1024);
      assertThat(Arrays.copyOfRange(bytes, 509, 515)).containsExactly(1, 9, 9, 9, 9, 1);
      assertThat(text(entries().get(2))).startsWith("write 512 +1024");
    }
  }

  @Test
  void imageGrowsThroughTheFilter() throws IOException {
    Files.write(disk, new byte[0]);
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(filter("log-append", "off"));
      node.write(1000, filled(100, 1));
      node.flush();
      assertThat(node.size()).isEqualTo(1100);
      assertThat(text(entries().getFirst())).startsWith("write 512 +1024");
    }
  }

  @Test
  void marksAreCutOffAtTheEndOfTheirSector() throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node = graph.open(filter("log-append", "off"));
      ((MarkedLog) node).mark("x".repeat(1000));
      node.flush();
      assertThat(text(entries().getFirst())).isEqualTo("mark " + "x".repeat(479));
    }
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() throws IOException {
    assertRefused(raw("log-sector-size", "1000"), "Invalid log sector size 1000");
    assertRefused(raw("log-sector-size", "256"), "Invalid log sector size 256");
    assertRefused(
        raw("log-super-update-interval", "0"), "Invalid log superblock update interval 0");
    assertRefused(
        NodeSpec.of("blklogwrites").withChild("file", NodeSpec.file(disk.toString())),
        "A block device must be specified for \"log\"");
  }

  @Test
  void whatIsNoLogIsRefused() throws IOException {
    byte[] valid = Arrays.copyOf(LogHeader.Super.of(1, 512).encode(), 1024);
    assertThat(WriteLogReader.readAll(MemoryNode.of("log", valid))).hasSize(1);
    for (int[] change : new int[][] {{0, 7}, {8, 9}, {24, 1}, {27, 0xff}, {512 + 16, 0x80}}) {
      byte[] damaged = valid.clone();
      damaged[change[0]] = (byte) change[1];
      assertThatThrownBy(() -> WriteLogReader.readAll(MemoryNode.of("log", damaged)))
          .isInstanceOf(ImageFormatException.class);
    }
    assertThatThrownBy(() -> WriteLogReader.readAll(MemoryNode.of("log", new byte[10])))
        .isInstanceOf(ImageFormatException.class);
  }

  private void assertRefused(NodeSpec spec, String message) throws IOException {
    try (BlockGraph graph = graph()) {
      assertThatThrownBy(() -> graph.open(spec))
          .isInstanceOf(OptionException.class)
          .hasMessageContaining(message);
    }
  }

  private void resetFiles() throws IOException {
    Files.write(disk, new byte[1 << 20]);
    Files.write(log, new byte[0]);
  }

  private static BlockGraph graph() {
    return BlockGraph.builder(DriverRegistry.discover()).build();
  }

  private NodeSpec filter(String key, String value) {
    return NodeSpec.of("blklogwrites")
        .named("logger")
        .with(key, value)
        .withChild("file", NodeSpec.file(disk.toString()))
        .withChild("log", NodeSpec.file(log.toString()));
  }

  private NodeSpec raw(String key, String value) {
    return NodeSpec.of("raw").with("discard", "unmap").withChild("file", filter(key, value));
  }

  private List<LogEntry> entries() throws IOException {
    return WriteLogReader.readAll(MemoryNode.of("log", Files.readAllBytes(log)));
  }

  private static String text(LogEntry entry) {
    return switch (entry) {
      case LogEntry.Write write ->
          "write %d +%d: %d"
              .formatted(
                  write.offset(),
                  write.bytes().byteSize(),
                  write.bytes().get(ValueLayout.JAVA_BYTE, 0));
      case LogEntry.Discard discard ->
          "discard %d +%d".formatted(discard.offset(), discard.length());
      case LogEntry.Flush _ -> "flush";
      case LogEntry.Mark mark -> "mark " + mark.text();
    };
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Images damaged in one word, in files, below a graph: what a guest gets that meets the damage,
 * what it can do afterwards, and what the next one finds.
 */
class DamageAtRunTimeTest {
  private static final int CLUSTER = 65536;
  private static final long REFCOUNT_TABLE = CLUSTER;
  private static final long REFCOUNT_BLOCK = 2L * CLUSTER;
  private static final long L1_TABLE = 3L * CLUSTER;
  private static final long L2_TABLE = 4L * CLUSTER;
  private static final long DATA = 5L * CLUSTER;

  /** The first two clusters hold data; the damage concerns the first. */
  private static final int INTACT_CLUSTER = 1;

  private static final int NEW_CLUSTER = 5;
  private static final String OVERLAP = "Preventing invalid write on metadata (overlaps with %s)";

  /**
   * A damage.
   *
   * @param where the word's place in the file
   * @param word what is put there
   * @param write whether it is met by a write to {@code cluster}, and not by a read
   * @param message what the request fails with
   * @param reachable whether the other clusters can still be read
   */
  record Row(
      String name,
      long where,
      long word,
      boolean write,
      int cluster,
      String message,
      boolean reachable) {
    @Override
    public String toString() {
      return name;
    }
  }

  @TempDir Path folder;

  private final List<BlockEvent> events = new ArrayList<>();

  static List<Row> fatal() {
    return List.of(
        read("L1 entry unaligned", L1_TABLE, L1Entry.of(0x42a00), "L2 table offset 0x42a00", false),
        read("L2 entry unaligned", L2_TABLE, L2Entry.normal(0x52a00), "offset 0x52a00", true),
        read("reserve unaligned", L2_TABLE, L2Entry.zeroAllocated(0x52a00), "0x52a00", true),
        write("refcount table entry unaligned", REFCOUNT_TABLE, 0x22a00, "0x22a00 unaligned"),
        overlap(L1_TABLE, "active L1 table"),
        overlap(L2_TABLE, "active L2 table"),
        overlap(REFCOUNT_TABLE, "refcount table"),
        overlap(REFCOUNT_BLOCK, "refcount block"),
        table(L1_TABLE, "active L1 table"),
        table(REFCOUNT_TABLE, "refcount table"),
        table(REFCOUNT_BLOCK, "refcount block"),
        write(
            "header's refcount zero",
            REFCOUNT_BLOCK,
            0x0000_0001_0001_0001L,
            "Preventing invalid allocation of data cluster at offset 0"),
        write(
            "L1 table's refcount zero",
            REFCOUNT_BLOCK,
            0x0001_0001_0001_0000L,
            OVERLAP.formatted("active L1 table")),
        write(
            "no refcount block",
            REFCOUNT_TABLE,
            0,
            "Preventing invalid allocation of refcount block at offset 0"));
  }

  private static Row read(String name, long where, long word, String message, boolean reachable) {
    return new Row(name, where, word, false, 0, message, reachable);
  }

  private static Row write(String name, long where, long word, String message) {
    return new Row(name, where, word, true, NEW_CLUSTER, message, true);
  }

  private static Row overlap(long target, String name) {
    String message = OVERLAP.formatted(name);
    return new Row("entry names " + name, L2_TABLE, L2Entry.normal(target), true, 0, message, true);
  }

  private static Row table(long target, String name) {
    String message = OVERLAP.formatted(name);
    long entry = L1Entry.of(target);
    return new Row("table at " + name, L1_TABLE, entry, true, NEW_CLUSTER, message, false);
  }

  @ParameterizedTest
  @MethodSource("fatal")
  void damageEndsWritingAndIsRemembered(Row row) throws IOException {
    Path image = damaged(row.where(), row.word());
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, false);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> meet(node, row)).isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> node.write(9L * CLUSTER, new byte[CLUSTER]))
          .isInstanceOf(ReadOnlyNodeException.class);
      if (row.reachable()) {
        assertThat(cluster(node, INTACT_CLUSTER)).containsOnly(1);
        assertThat(cluster(node, 2)).containsOnly(0);
      }
    }
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            BlockEvent.ImageCorrupted.class,
            event -> {
              assertThat(event.fatal()).isTrue();
              assertThat(event.message()).contains(row.message());
            });
    assertThat(corruptBit(image)).isTrue();
    try (BlockGraph graph = graph()) {
      assertThatThrownBy(() -> open(graph, image, false))
          .hasMessageContaining("Image is corrupt; cannot be opened read/write");
      if (row.reachable()) {
        assertThat(cluster(open(graph, image, true), INTACT_CLUSTER)).containsOnly(1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fatal")
  void theFirstRequestSaysWhatIsDamaged(Row row) throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, damaged(row.where(), row.word()), false);
      assertThatThrownBy(() -> meet(node, row))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(row.message());
    }
  }

  @ParameterizedTest
  @MethodSource("fatal")
  void aReadOnlyImageIsReportedAndLeftAsItIs(Row row) throws IOException {
    Path image = damaged(row.where(), row.word());
    byte[] before = Files.readAllBytes(image);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, true);
      if (row.write()) {
        assertThatThrownBy(() -> meet(node, row)).isInstanceOf(ReadOnlyNodeException.class);
        assertThat(events).isEmpty();
      } else {
        for (int i = 0; i < 3; i++) {
          assertThatThrownBy(() -> meet(node, row)).isInstanceOf(CorruptImageException.class);
        }
        assertThat(events)
            .singleElement()
            .isInstanceOfSatisfying(
                BlockEvent.ImageCorrupted.class, event -> assertThat(event.fatal()).isFalse());
      }
      if (row.reachable()) {
        assertThat(cluster(node, INTACT_CLUSTER)).containsOnly(1);
      }
    }
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  /** Offset 0 says that there is no table, so the header is none. */
  @Test
  void aTableAtTheHeaderIsOneThatIsNotThere() throws IOException {
    Path image = damaged(L1_TABLE, L1Entry.of(0));
    byte[] header = Arrays.copyOf(Files.readAllBytes(image), CLUSTER);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, false);
      node.write((long) NEW_CLUSTER * CLUSTER, filled(3));
    }
    assertThat(events).isEmpty();
    assertThat(Arrays.copyOf(Files.readAllBytes(image), CLUSTER)).isEqualTo(header);
    try (BlockGraph graph = graph()) {
      assertThat(cluster(open(graph, image, true), NEW_CLUSTER)).containsOnly(3);
    }
  }

  /** A table that is to be copied away takes nothing of what is in its place along. */
  @Test
  void metadataStaysWatchedWhenATableThatIsSaidToBeThereMovesAway() throws IOException {
    Path image = damaged(L1_TABLE, REFCOUNT_BLOCK);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, false);
      node.write((long) NEW_CLUSTER * CLUSTER, filled(3));
      assertThatThrownBy(
              () -> {
                node.flush();
                node.write(9L * CLUSTER, filled(4));
              })
          .isInstanceOf(IOException.class);
    }
    assertThat(events).hasAtLeastOneElementOfType(BlockEvent.ImageCorrupted.class);
    assertThat(corruptBit(image)).isTrue();
  }

  @Test
  void zeroClusterInVersion2EndsWritingThoughThereIsNoBitForIt() throws IOException {
    Path image = damaged(L2_TABLE, L2Entry.ZERO);
    byte[] bytes = Files.readAllBytes(image);
    bytes[7] = 2;
    Files.write(image, bytes);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, false);
      assertThatThrownBy(() -> cluster(node, 0))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("Zero cluster entry found in pre-v3 image");
      assertThatThrownBy(() -> node.write(9L * CLUSTER, new byte[CLUSTER]))
          .isInstanceOf(ReadOnlyNodeException.class);
      assertThat(cluster(node, INTACT_CLUSTER)).containsOnly(1);
    }
    assertThat(events).hasSize(1);
    assertThat(Files.readAllBytes(image)).isEqualTo(bytes);
  }

  static List<Long> compressed() {
    return List.of(
        L2Entry.compressed(DATA, 1000, 16),
        L2Entry.compressed(1L << 40, 1000, 16),
        L2Entry.COMPRESSED | (1L << 62) - 1);
  }

  /** Data that cannot be decoded says nothing about tables: writing goes on. */
  @ParameterizedTest
  @MethodSource("compressed")
  void compressedClusterThatIsDamagedFailsItsReadsAlone(long entry) throws IOException {
    Path image = damaged(L2_TABLE, entry);
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, image, false);
      assertThatThrownBy(() -> cluster(node, 0)).isInstanceOf(CorruptImageException.class);
      node.write((long) NEW_CLUSTER * CLUSTER, filled(3));
      node.flush();
      assertThat(cluster(node, NEW_CLUSTER)).containsOnly(3);
      assertThat(cluster(node, INTACT_CLUSTER)).containsOnly(1);
    }
    assertThat(events).isEmpty();
    assertThat(corruptBit(image)).isFalse();
  }

  /** As QEMU has it: what is behind the end of the file reads as zeros. */
  @Test
  void aFileThatWasCutOffReadsAsItWasOrAsZeros() throws IOException {
    byte[] whole = Files.readAllBytes(damaged(L2_TABLE, L2Entry.normal(DATA)));
    for (int end = 4 * CLUSTER; end < whole.length; end += CLUSTER / 2) {
      Path image = folder.resolve("cut-" + end);
      Files.write(image, Arrays.copyOf(whole, end));
      try (BlockGraph graph = graph()) {
        BlockNode node = open(graph, image, true);
        for (int cluster = 0; cluster < 16; cluster++) {
          for (byte value : cluster(node, cluster)) {
            assertThat(value == 0 || (value == 1 && cluster < 2)).as("%d", end).isTrue();
          }
        }
      }
    }
  }

  private static void meet(BlockNode node, Row row) throws IOException {
    if (row.write()) {
      node.write((long) row.cluster() * CLUSTER, filled(7));
    } else {
      cluster(node, row.cluster());
    }
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[CLUSTER];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] cluster(BlockNode node, int cluster) throws IOException {
    byte[] bytes = new byte[CLUSTER];
    node.read((long) cluster * CLUSTER, bytes);
    return bytes;
  }

  private Path damaged(long where, long word) throws IOException {
    MemoryNode node = NewImages.create(1 << 20, "cluster_size=64k");
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(0, 2 * CLUSTER, 1);
    }
    MemoryNode again = node.reopen();
    again.write(where, ByteBuffer.allocate(8).putLong(word).flip());
    return Files.write(folder.resolve("image.qcow2"), again.bytes());
  }

  private static boolean corruptBit(Path image) throws IOException {
    MemoryNode node = MemoryNode.of("image", Files.readAllBytes(image));
    return HeaderCodec.decode("image", new ImageFile(node)).features().corrupt();
  }

  private BlockGraph graph() {
    return BlockGraph.builder(DriverRegistry.discover()).events(events::add).build();
  }

  private static BlockNode open(BlockGraph graph, Path image, boolean readOnly) throws IOException {
    return graph.open(
        NodeSpec.of("qcow2")
            .withChild("file", NodeSpec.file(image.toString()))
            .with(GenericOptions.READ_ONLY.name(), OptionValue.of(readOnly)));
  }
}

package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.tck.crash.DiskLog;
import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The marks that a device leaves in a log below it when its guest's requests are acknowledged. */
class GuestMarksTest {
  private static final int CLUSTER = 64 << 10;
  private static final int CLUSTER_COUNT = 16;
  private static final long SEED = Long.getLong("platter.seed", 1);

  /** What the guest does, in order: a write of a cluster of its own, or a flush. */
  private static final List<Boolean> FLUSHES =
      List.of(false, false, true, false, true, true, false, false, false, true, false);

  @TempDir private Path folder;
  private Path image;
  private Path log;

  @BeforeEach
  void createFiles() throws IOException {
    image = folder.resolve("image.qcow2");
    log = Files.write(folder.resolve("image.log"), new byte[0]);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      graph.create(
          CreateRequest.of("qcow2", image.toString(), (long) CLUSTER_COUNT * CLUSTER)
              .with("cluster_size", Integer.toString(CLUSTER)));
    }
  }

  @Test
  void everyAcknowledgedRequestHasItsMark() throws IOException {
    runGuest();
    List<String> marks =
        WriteLogReader.readAll(MemoryNode.of("log", Files.readAllBytes(log))).stream()
            .filter(LogEntry.Mark.class::isInstance)
            .map(entry -> ((LogEntry.Mark) entry).text())
            .toList();
    assertThat(marks).hasSize(FLUSHES.size());
    for (int i = 0; i < marks.size(); i++) {
      assertThat(marks.get(i)).isEqualTo("op " + i);
    }
  }

  /** The power is cut at every point: what a marked flush has covered is there. */
  @Test
  void whatWasFlushedBeforeAMarkIsThereAfterIt() throws IOException {
    MemoryNode before = MemoryNode.of("image", Files.readAllBytes(image));
    runGuest();
    DiskLog operations = BesideQemuTest.operations(log);
    List<Integer> durableCounts = new ArrayList<>();
    PowerCuts.forEach(
        List.of(before), operations, SEED, cut -> durableCounts.add(assertFlushedIsThere(cut)));
    assertThat(durableCounts).contains(0, 2, 3, 6);
  }

  /** Returns how many writes had to be there. */
  private static int assertFlushedIsThere(PowerCut cut) throws IOException {
    int acknowledged = cut.marks().size();
    int lastFlush = FLUSHES.subList(0, acknowledged).lastIndexOf(true);
    int durable =
        lastFlush < 0
            ? 0
            : (int) FLUSHES.subList(0, lastFlush).stream().filter(flush -> !flush).count();
    byte[] found = read(cut.image());
    for (int i = 0; i < CLUSTER_COUNT; i++) {
      byte[] cluster = Arrays.copyOfRange(found, i * CLUSTER, (i + 1) * CLUSTER);
      if (i < durable) {
        assertThat(cluster)
            .as("cluster %d at %s, %s", i, cut.marks(), cut.description())
            .isEqualTo(filled(i + 1));
      }
    }
    return durable;
  }

  private void runGuest() throws IOException {
    String drive =
        ("driver=qcow2,file.driver=blklogwrites,file.file.driver=file,file.file.filename=%s,"
                + "file.log.driver=file,file.log.filename=%s")
            .formatted(image, log);
    try (BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT);
        Drive opened = runtime.open(drive);
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver disk = guest.plug(opened.device());
      int written = 0;
      for (boolean flush : FLUSHES) {
        if (flush) {
          disk.flush();
        } else {
          disk.write((long) written * CLUSTER, filled(++written));
        }
      }
    }
  }

  private static byte[] read(MemoryNode file) throws IOException {
    Path found = Files.createTempFile("platter", ".qcow2");
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      Files.write(found, file.bytes());
      BlockNode node =
          graph.open(NodeSpec.of("qcow2").withChild("file", NodeSpec.file(found.toString())));
      byte[] bytes = new byte[(int) node.size()];
      node.read(0, bytes);
      return bytes;
    } finally {
      Files.delete(found);
    }
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[CLUSTER];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.InternalSnapshots;
import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots inside an image whose disk is in use. */
class InternalSnapshotsTest {
  private static final int WRITERS = 4;
  private static final int SECTOR_BYTES = 512;
  private static final int SNAPSHOTS = 8;

  /** What a writer had done, and had begun, around the moment of a snapshot. */
  private record Moment(String id, List<Long> done, List<Long> begun) {}

  @TempDir Path folder;
  private BlockGraph graph;
  private Path image;

  @BeforeEach
  void createImage() {
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
    image = folder.resolve("disk.qcow2");
    img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", image.toString(), "1M");
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  @Test
  void snapshotOfARunningDiskHoldsWhatWasAcknowledgedAndNothingIssuedLater() throws Exception {
    AtomicLongArray begun = new AtomicLongArray(WRITERS);
    AtomicLongArray done = new AtomicLongArray(WRITERS);
    List<Moment> moments = new ArrayList<>();
    try (BlockBackend disk = graph.openBackend(qcow2())) {
      InternalSnapshots snapshots = InternalSnapshots.of(disk);
      AtomicBoolean stopped = new AtomicBoolean();
      try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          int writer = i;
          writers.add(threads.submit(() -> write(disk, writer, begun, done, stopped)));
        }
        for (int i = 0; i < SNAPSHOTS; i++) {
          long before = done.get(0);
          while (done.get(0) < before + 20) {
            Thread.onSpinWait();
          }
          List<Long> least = values(done);
          SnapshotInfo created =
              snapshots.create(SnapshotRequest.ofDisk("s" + i, Instant.ofEpochSecond(i)));
          moments.add(new Moment(created.id(), least, values(begun)));
        }
        stopped.set(true);
        for (Future<?> writer : writers) {
          writer.get();
        }
      }
      snapshots.delete(moments.removeFirst().id());
    }
    for (Moment moment : moments) {
      try (BlockNode seen =
          graph.open(qcow2().with("read-only", "on").with("snapshot.id", moment.id()))) {
        for (int writer = 0; writer < WRITERS; writer++) {
          assertThat(stamp(seen, writer))
              .isBetween(moment.done().get(writer), moment.begun().get(writer));
        }
      }
    }
    img("check", image.toString());
  }

  @Test
  void applyingASnapshotBringsContentsAndSizeBackToAnOpenDisk() throws Exception {
    try (BlockBackend disk = graph.openBackend(qcow2())) {
      InternalSnapshots snapshots = InternalSnapshots.of(disk);
      disk.write(0, stampOf(1));
      String id = snapshots.create(SnapshotRequest.ofDisk("a", Instant.EPOCH)).id();
      disk.write(0, stampOf(2));
      disk.resize(2 << 20, Preallocation.OFF);
      snapshots.apply(id);
      assertThat(disk.size()).isEqualTo(1 << 20);
      assertThat(stamp(disk, 0)).isEqualTo(1);
      disk.write(0, stampOf(3));
      assertThat(stamp(disk, 0)).isEqualTo(3);
    }
  }

  @Test
  void snapshotOfADiskThatIsReadOnlyIsRefused() throws Exception {
    try (BlockNode disk = graph.open(qcow2().with("read-only", "on"))) {
      InternalSnapshots snapshots = InternalSnapshots.of(disk);
      assertThatThrownBy(() -> snapshots.create(SnapshotRequest.ofDisk("a", Instant.EPOCH)))
          .isInstanceOf(ReadOnlyNodeException.class);
      assertThat(snapshots.list()).isEmpty();
    }
  }

  @Test
  void rawDiskHasNoSnapshots() throws Exception {
    Path raw = Files.write(folder.resolve("raw"), new byte[1 << 20]);
    try (BlockNode disk =
        graph.open(NodeSpec.of("raw").withChild("file", NodeSpec.file(raw.toString())))) {
      assertThatThrownBy(() -> InternalSnapshots.of(disk))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  private static Void write(
      BlockNode disk,
      int writer,
      AtomicLongArray begun,
      AtomicLongArray done,
      AtomicBoolean stopped)
      throws IOException {
    while (!stopped.get()) {
      long next = begun.incrementAndGet(writer);
      disk.write((long) writer * SECTOR_BYTES, stampOf(next));
      done.set(writer, next);
    }
    return null;
  }

  private static void img(String... words) {
    List<String> all = new ArrayList<>(List.of("img"));
    all.addAll(List.of(words));
    Run result = Run.of(all.toArray(String[]::new));
    assertThat(result.status()).as("%s: %s", all, result.err()).isZero();
  }

  private NodeSpec qcow2() {
    return NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString()));
  }

  private static byte[] stampOf(long value) {
    return ByteBuffer.allocate(SECTOR_BYTES).putLong(value).array();
  }

  private static long stamp(BlockNode disk, int writer) throws IOException {
    byte[] bytes = new byte[SECTOR_BYTES];
    disk.read((long) writer * SECTOR_BYTES, bytes);
    return ByteBuffer.wrap(bytes).getLong();
  }

  private static List<Long> values(AtomicLongArray numbers) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < numbers.length(); i++) {
      values.add(numbers.get(i));
    }
    return values;
  }
}

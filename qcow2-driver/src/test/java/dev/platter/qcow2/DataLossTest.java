package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.HookedNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import dev.platter.tck.format.CrashScenario;
import dev.platter.tck.format.CrashStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mistakes by which other programs have lost guests' data, or let an image reach for other files,
 * each as the sequence that brings it out.
 */
class DataLossTest {
  private static final int CLUSTER = 4096;
  private static final int QUEUES = 4;

  @TempDir Path folder;

  /** An L2 cache that queues share without synchronisation loses entries of the same table. */
  @Test
  void l2CacheSharedBetweenQueuesLosesNoEntry() throws Exception {
    int clustersPerQueue = 100;
    MemoryNode node = NewImages.create(1 << 21, "cluster_size=4k");
    try (Qcow2Format format = Images.open(node);
        ExecutorService queues = Executors.newFixedThreadPool(QUEUES)) {
      CountDownLatch begin = new CountDownLatch(1);
      List<Future<?>> ends = new ArrayList<>();
      for (int queue = 0; queue < QUEUES; queue++) {
        int first = queue;
        ends.add(
            queues.submit(
                () -> {
                  begin.await();
                  for (int i = 0; i < clustersPerQueue; i++) {
                    long cluster = (long) i * QUEUES + first;
                    new DriverGuest(format).fill(cluster * CLUSTER, CLUSTER, first + 1);
                    if (i % 10 == first) {
                      format.flush();
                    }
                  }
                  return null;
                }));
      }
      begin.countDown();
      for (Future<?> end : ends) {
        end.get();
      }
    }
    try (Qcow2Format format = Images.open(node.reopenReadOnly())) {
      for (int cluster = 0; cluster < QUEUES * clustersPerQueue; cluster++) {
        assertThat(new DriverGuest(format).read((long) cluster * CLUSTER, CLUSTER))
            .containsOnly(cluster % QUEUES + 1);
      }
    }
    Qemu.check(node);
  }

  /** Seen elsewhere on an image with compressed clusters that was made larger. */
  @Test
  void allocatorHandsOutNoLiveL2Table() throws IOException {
    Qemu.assumeInstalled();
    byte[] content = new byte[1 << 20];
    Arrays.fill(content, (byte) 7);
    Path raw = Files.write(folder.resolve("content.raw"), content);
    Path image = folder.resolve("image.qcow2");
    Qemu.img("convert", "-c", "-O", "qcow2", "-o", "cluster_size=4k", raw + "", image.toString());
    MemoryNode node = Qemu.node(image);
    try (Qcow2Format format = Images.open(node)) {
      format.resize(64 << 20, Preallocation.OFF);
      DriverGuest guest = new DriverGuest(format);
      for (long at = 0; at < 64 << 20; at += 1 << 20) {
        guest.fill(at + 2 * CLUSTER, 2 * CLUSTER, 8);
      }
      format.flush();
      Set<Long> tables = new HashSet<>();
      ImageFile file = new ImageFile(node);
      Qcow2Header header = HeaderCodec.decode("image", file);
      long[] l1 = new long[header.l1Table().count()];
      file.readWords(header.l1Table().offset(), l1);
      for (long entry : l1) {
        assertThat(tables.add(L1Entry.tableOffset(entry)) || entry == 0).isTrue();
      }
      for (long at = 0; at < 64 << 20; at += 1 << 20) {
        assertThat(format.map(at + 2 * CLUSTER, CLUSTER))
            .isInstanceOfSatisfying(
                Mapping.Data.class, data -> assertThat(tables).doesNotContain(data.hostOffset()));
      }
      assertThat(guest.read(CLUSTER, CLUSTER)).containsOnly(7);
      assertThat(guest.read(4 * CLUSTER, CLUSTER)).containsOnly(7);
    }
    Qemu.check(node);
  }

  @Test
  void latePunchHoleMeetsNoReusedCluster() throws IOException {
    MemoryNode memory = NewImages.create(1 << 20, "cluster_size=4k");
    HookedNode node = new HookedNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, CLUSTER, 1);
      format.flush();
      long punched = ((Mapping.Data) format.map(0, 1)).hostOffset();
      guest.release(0, CLUSTER, ReleaseMode.DISCARD);
      List<Long> reserved = new ArrayList<>();
      node.beforeNextDiscard(
          () -> {
            guest.fill(5 * CLUSTER, CLUSTER, 2);
            reserved.add(((Mapping.Data) format.map(5 * CLUSTER, 1)).hostOffset());
          });
      format.flush();
      assertThat(reserved).hasSize(1).doesNotContain(punched);
      assertThat(memory.discardedBytes()).isEqualTo(CLUSTER);
      assertThat(guest.read(5 * CLUSTER, CLUSTER)).containsOnly(2);
    }
    Qemu.check(memory);
  }

  @Test
  void enospcHalfWayLeavesOldPointersAndRefcounts() throws IOException {
    boolean failed = true;
    for (int nth = 1; failed; nth++) {
      MemoryNode memory = NewImages.create(4 << 20, "cluster_size=4k");
      FaultyNode node = new FaultyNode(memory);
      try (Qcow2Format format = Images.open(TestOpening.of(node))) {
        DriverGuest guest = new DriverGuest(format);
        guest.fill(0, 8 * CLUSTER, 1);
        format.flush();
        node.failFrom(FaultyNode.Kind.CHANGES, nth, Errno.ENOSPC);
        failed = runsOutOfSpace(format, guest);
        node.heal();
        assertThat(guest.read(0, 8 * CLUSTER)).containsOnly(1);
        guest.fill(2 << 20, 8 * CLUSTER, 3);
        format.flush();
        assertThat(guest.read(2 << 20, 8 * CLUSTER)).containsOnly(3);
      }
      List<String> findings = new ArrayList<>();
      assertThat(Qcow2Checker.check("image", memory.reopen(), Repair.NONE, findings::add).clean())
          .as("call %d: %s", nth, findings)
          .isTrue();
      Qemu.check(memory);
    }
  }

  /** Reserves clusters below a table that is not there, and links them; or runs out of space. */
  private static boolean runsOutOfSpace(Qcow2Format format, DriverGuest guest) throws IOException {
    try (Allocation allocation = format.allocate(2 << 20, 8 * CLUSTER)) {
      byte[] bytes = new byte[(int) allocation.length()];
      Arrays.fill(bytes, (byte) 2);
      guest.driver().data().write(allocation.hostOffset(), bytes);
      allocation.commit();
      return false;
    } catch (BlockIoException e) {
      assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
      return true;
    }
  }

  /** Without its place the L1 table's clusters would all count as leaked. */
  @Test
  void repairFreesNothingWhereTheL1TableIsLost() throws IOException {
    MemoryNode node = NewImages.create(1 << 20, "cluster_size=4k");
    try (Qcow2Format format = Images.open(node)) {
      new DriverGuest(format).fill(0, 1 << 20, 1);
    }
    node.write(40, new byte[8]);
    byte[] before = node.bytes();
    for (Repair repair : List.of(Repair.LEAKS, Repair.ALL)) {
      assertThatThrownBy(() -> Qcow2Checker.check("image", node, repair, finding -> {}))
          .isInstanceOf(BlockIoException.class);
    }
    assertThat(node.bytes()).isEqualTo(before);
  }

  /** The second write must not use the first one's cluster before its removal is durable. */
  @Test
  void reuseAfterZeroAndUnmapShowsNoOtherBlocksBytes() throws IOException {
    CrashVariant variant = new CrashVariant(64 << 10, 3, 16, false, false);
    survivesPowerCuts(
        variant,
        variant.write(3, 1, 10),
        new CrashStep.Flush(),
        new CrashStep.Zero(3 * variant.unit(), variant.unit(), ZeroMode.MAY_UNMAP),
        variant.write(4, 1, 11),
        new CrashStep.Flush());
  }

  /** What is copied from below is durable before the entry that hides it, lazy or not. */
  @Test
  void lazyRefcountsOverABackingFileKeepWhatIsBelow() throws IOException {
    CrashVariant variant = new CrashVariant(64 << 10, 3, 16, true, true);
    survivesPowerCuts(
        variant,
        new CrashStep.Write(3 * variant.unit() + 3, 5, 10),
        new CrashStep.Write(4 * variant.unit() + 3, 5, 11),
        new CrashStep.Flush(),
        new CrashStep.Write(6 * variant.unit(), 1, 12));
  }

  private static void survivesPowerCuts(CrashVariant variant, CrashStep... steps)
      throws IOException {
    CrashScenario.Result result =
        variant.disk().scenario(List.of(steps)).afterwards(variant.afterwards()).run(1);
    assertThat(result.distinct()).isPositive();
  }

  @Test
  void imageThatNamesItselfAsBackingFileIsRefusedAtOnce() throws IOException {
    Path image = folder.resolve("self.qcow2");
    Files.write(image, NewImages.createOver("self.qcow2", 1 << 20).bytes());
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      assertThatThrownBy(() -> open(graph, image))
          .isInstanceOf(ImageRefusedException.class)
          .hasMessageContaining("backing chain loops at");
      assertThat(graph.nodes()).isEmpty();
    }
  }

  @Test
  void dataFileThatAHeaderNamesIsNotOpenedWithoutLeave() throws IOException {
    Qemu.assumeInstalled();
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    isNotOpenedWithoutLeave(elsewhere.resolve("victim"));
    isNotOpenedWithoutLeave(folder.resolve("neighbour"));
  }

  private void isNotOpenedWithoutLeave(Path victim) throws IOException {
    Files.write(victim, new byte[1 << 20]);
    Path image = folder.resolve(victim.getFileName() + ".qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "data_file=" + victim, image.toString(), "1M");
    Files.write(victim, "secret".getBytes(StandardCharsets.UTF_8));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      assertThatThrownBy(() -> open(graph, image)).isInstanceOf(BlockException.class);
      assertThat(graph.nodes()).isEmpty();
    }
    assertThat(victim).hasContent("secret");
    Files.delete(victim);
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      assertThatThrownBy(() -> open(graph, image))
          .as("nobody looks whether it is there")
          .isInstanceOf(BlockException.class)
          .hasMessageNotContaining("No such file");
    }
  }

  private static BlockNode open(BlockGraph graph, Path image) throws IOException {
    return graph.open(NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString())));
  }
}

package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.qcow2.Qcow2DriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.crash.DiskLog;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashScenario;
import dev.platter.tck.format.CrashStep;
import dev.platter.tck.format.FormatFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workloads on which QEMU loses data in a power cut, done to the same image by QEMU and by Platter,
 * each logging what it writes with its own {@code blklogwrites}; then every state is looked at in
 * which a power cut may have left the file.
 */
class BesideQemuTest {
  private static final int SECTOR_BYTES = 512;
  private static final int CLUSTER_SECTORS = 128;
  private static final int SECTOR_COUNT = 8 * CLUSTER_SECTORS;

  @TempDir private Path folder;

  /** What the checks need to know of the format. */
  private record Qcow2Fixture() implements FormatFixture {
    @Override
    public FormatDriverProvider provider() {
      return new Qcow2DriverProvider();
    }

    @Override
    public Set<Capability> capabilities() {
      return EnumSet.allOf(Capability.class);
    }

    /** Counts of an image that is marked dirty are made up for when it is opened for writing. */
    @Override
    public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
      byte[] incompatibleFeatures = new byte[1];
      image.reopenReadOnly().read(79, incompatibleFeatures);
      if ((incompatibleFeatures[0] & 1) == 0) {
        FormatFixture.super.checkImage(image, mayLeak);
      }
    }
  }

  @Test
  void clusterIsReusedAfterAZeroWrite() throws IOException {
    compare(
        "reuse after zero and unmap",
        false,
        write(0, CLUSTER_SECTORS, 1),
        new CrashStep.Flush(),
        new CrashStep.Zero(0, CLUSTER_SECTORS, ZeroMode.MAY_UNMAP),
        write(CLUSTER_SECTORS, CLUSTER_SECTORS, 2));
  }

  @Test
  void lazyRefcountsOverABackingFile() throws IOException {
    compare(
        "lazy refcounts over a backing file",
        true,
        write(0, 8, 1),
        write(CLUSTER_SECTORS + 3, 8, 2),
        new CrashStep.Flush(),
        write(3 * CLUSTER_SECTORS, CLUSTER_SECTORS, 3),
        new CrashStep.Flush());
  }

  private void compare(String workload, boolean lazyOverBase, CrashStep... steps)
      throws IOException {
    QemuIo.assumeInstalled();
    Path base = folder.resolve("base.raw");
    byte[] below = new byte[SECTOR_COUNT * SECTOR_BYTES];
    Arrays.fill(below, (byte) 40);
    Files.write(base, below);
    List<String> create = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
    if (lazyOverBase) {
      create.addAll(List.of("-o", "lazy_refcounts=on", "-b", base.toString(), "-F", "raw"));
    }
    Path image = folder.resolve("image.qcow2");
    create.addAll(List.of(image.toString(), Integer.toString(SECTOR_COUNT * SECTOR_BYTES)));
    QemuIo.img(create.toArray(String[]::new));
    MemoryNode before = MemoryNode.of("image", Files.readAllBytes(image));
    CrashDisk disk = CrashDisk.found(new Qcow2Fixture(), before, SECTOR_COUNT, List.of());
    if (lazyOverBase) {
      disk = disk.over(SECTOR_COUNT, List.of(new CrashStep.Write(0, SECTOR_COUNT, 40)));
    }

    List<AssertionError> qemus = new ArrayList<>();
    CrashScenario.Result ofQemu =
        disk.scenario(Arrays.asList(steps)).replay(qemus(image, steps), 1, qemus::add);
    Files.write(image, before.bytes());
    List<AssertionError> ours = new ArrayList<>();
    CrashScenario.Result result =
        disk.scenario(Arrays.asList(steps)).replay(ours(image, steps), 1, ours::add);

    System.out.printf(
        "%s: QEMU fails in %d of %d states, Platter in %d of %d%n",
        workload, qemus.size(), ofQemu.distinct(), ours.size(), result.distinct());
    if (!qemus.isEmpty()) {
      System.out.printf("  QEMU: %s%n", qemus.getFirst().getMessage().lines().findFirst().get());
    }
    assertThat(ofQemu.distinct()).isGreaterThan(10);
    assertThat(result.distinct()).isGreaterThan(10);
    assertThat(ours).isEmpty();
  }

  private DiskLog qemus(Path image, CrashStep... steps) throws IOException {
    Path log = Files.write(folder.resolve("qemu.log"), new byte[0]);
    QemuIo.io(
        ("driver=qcow2,discard=unmap,file.driver=blklogwrites,file.file.driver=file,"
                + "file.file.filename=%s,file.log.driver=file,file.log.filename=%s")
            .formatted(image, log),
        Arrays.stream(steps).map(BesideQemuTest::command).toList());
    return operations(log);
  }

  private DiskLog ours(Path image, CrashStep... steps) throws IOException {
    Path log = Files.write(folder.resolve("platter.log"), new byte[0]);
    NodeSpec spec =
        NodeSpec.of("qcow2")
            .with("discard", "unmap")
            .withChild(
                "file",
                NodeSpec.of("blklogwrites")
                    .withChild("file", NodeSpec.file(image.toString()))
                    .withChild("log", NodeSpec.file(log.toString())));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      BlockNode node = graph.open(spec);
      for (CrashStep step : steps) {
        perform(node, step);
      }
    }
    return operations(log);
  }

  private static void perform(BlockNode node, CrashStep step) throws IOException {
    switch (step) {
      case CrashStep.Write(int sectorIndex, int count, int value) -> {
        byte[] bytes = new byte[count * SECTOR_BYTES];
        Arrays.fill(bytes, (byte) value);
        node.write((long) sectorIndex * SECTOR_BYTES, bytes);
      }
      case CrashStep.Zero(int sectorIndex, int count, ZeroMode mode) ->
          node.writeZeroes((long) sectorIndex * SECTOR_BYTES, (long) count * SECTOR_BYTES, mode);
      default -> node.flush();
    }
  }

  private static String command(CrashStep step) {
    return switch (step) {
      case CrashStep.Write(int sectorIndex, int count, int value) ->
          "write -q -P %d %d %d".formatted(value, sectorIndex * SECTOR_BYTES, count * SECTOR_BYTES);
      case CrashStep.Zero(int sectorIndex, int count, ZeroMode _) ->
          "write -q -z -u %d %d".formatted(sectorIndex * SECTOR_BYTES, count * SECTOR_BYTES);
      default -> "flush";
    };
  }

  /** What a log says was done to a disk. */
  static DiskLog operations(Path log) throws IOException {
    DiskLog operations = new DiskLog();
    for (LogEntry entry : WriteLogReader.readAll(MemoryNode.of("log", Files.readAllBytes(log)))) {
      switch (entry) {
        case LogEntry.Write write -> {
          operations.add(0, new Operation.Write(write.offset(), write.bytes()));
          if (write.forced()) {
            operations.add(0, new Operation.Flush());
          }
        }
        case LogEntry.Discard discard ->
            operations.add(0, new Operation.Discard(discard.offset(), discard.length()));
        case LogEntry.Flush _ -> operations.add(0, new Operation.Flush());
        case LogEntry.Mark mark -> operations.mark(mark.text());
      }
    }
    return operations;
  }

  private static CrashStep.Write write(int sectorIndex, int count, int value) {
    return new CrashStep.Write(sectorIndex, count, value);
  }
}

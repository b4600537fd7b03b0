package dev.platter.tools.kill;

import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.InternalSnapshots;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Kills writing processes, one after the other, and looks at what each of them leaves.
 *
 * <p>Several in turn write to one chain; then another chain is begun. After each kill:
 *
 * <ol>
 *   <li>no image has a corruption, leaks at worst; with lazy refcounts, the top does after it was
 *       opened again, and so does the image that an overlay was being put on;
 *   <li>the chain opens for writing at once: no lock is left;
 *   <li>every sector holds what was flushed, or something that was written to it since;
 *   <li>a further write and flush work, and the check still holds;
 *   <li>the snapshots inside the images are those that there may be, with what they may hold.
 * </ol>
 */
final class KillCampaign implements AutoCloseable {
  private static final int KILLS_PER_CHAIN = 8;

  /** The layers of a chain that has an index. */
  private static final int INDEXED_LAYERS = 3;

  private static final int STARTED_AHEAD = 2;
  private static final int MAX_MILLIS = 250;
  private static final int PARENTS_THREAD = WriterPlan.THREAD_COUNT;

  private final Path folder;
  private final long seed;
  private final Random random;
  private final ImageOracle oracle;
  private final DriverLookup drivers = DriverRegistry.discover();
  private final Deque<WriterProcess> ahead = new ArrayDeque<>();
  private int startedCount;
  private long operationCount;
  private int overlayCount;
  private int indexedCount;
  private int snapshotCount;

  /**
   * @param oracle a second opinion on images
   */
  KillCampaign(Path folder, long seed, ImageOracle oracle) {
    this.folder = folder;
    this.seed = seed;
    this.random = new Random(seed);
    this.oracle = oracle;
  }

  /** Says what is wrong with an image, by throwing. */
  @FunctionalInterface
  interface ImageOracle {
    void check(Path image) throws IOException, InterruptedException;
  }

  /** Operations that the killed processes had begun. */
  long operationCount() {
    return operationCount;
  }

  /** Overlays that were put on running disks. */
  int overlayCount() {
    return overlayCount;
  }

  /** Kills of processes that had opened a chain of three images or more. */
  int indexedCount() {
    return indexedCount;
  }

  /** How often snapshots inside images were taken, or begun to be deleted or gone back to. */
  int snapshotCount() {
    return snapshotCount;
  }

  /** Kills so many processes. */
  void run(int killCount) throws IOException, InterruptedException {
    for (int begun = 0; begun < killCount; begun += KILLS_PER_CHAIN) {
      try (Chain chain = new Chain(begun)) {
        for (int i = begun; i < Math.min(killCount, begun + KILLS_PER_CHAIN); i++) {
          chain.kill(i, i + ahead.size() < killCount);
        }
        chain.mendLeaks();
      }
    }
  }

  private WriterProcess nextWriter(boolean startAnother) throws IOException {
    while (ahead.isEmpty() || (startAnother && ahead.size() <= STARTED_AHEAD)) {
      ahead.add(WriterProcess.start(folder.resolve("warm-up" + startedCount++)));
    }
    return ahead.remove();
  }

  @Override
  public void close() {
    ahead.forEach(WriterProcess::close);
  }

  /** One chain, and what it may hold. */
  private final class Chain implements AutoCloseable {
    private final Path images;
    private final ChainOptions options;
    private final AllowedContents contents = new AllowedContents();
    private int layers;

    /** A chain of zeros, of one to three images. */
    Chain(int number) throws IOException {
      images = Files.createDirectory(folder.resolve("chain" + number));
      options = ChainOptions.of(seed + number);
      int depth = 1 + Math.floorMod(seed + number / KILLS_PER_CHAIN, INDEXED_LAYERS);
      try (BlockGraph graph = newGraph()) {
        String base = KilledWriter.layer(images, 0).toString();
        create(graph, CreateRequest.of("qcow2", base, diskBytes()));
        for (layers = 1; layers < depth; layers++) {
          String below = KilledWriter.layer(images, layers - 1).toString();
          String overlay = KilledWriter.layer(images, layers).toString();
          create(graph, CreateRequest.overlay("qcow2", overlay, below, "qcow2"));
        }
      }
    }

    private void create(BlockGraph graph, CreateRequest image) throws IOException {
      graph.create(image.with("cluster_size", options.clusterSize()));
    }

    /** One kill. */
    void kill(int round, boolean startAnother) throws IOException, InterruptedException {
      indexedCount += layers >= INDEXED_LAYERS ? 1 : 0;
      Duration until = Duration.ofNanos(random.nextInt(MAX_MILLIS * 1_000_000));
      try (WriterProcess writer = nextWriter(startAnother)) {
        WriterProcess.Said said = writer.runAndKill(images, seed, round, layers, options, until);
        contents.apply(seed, round, said);
        snapshotCount += said.snapshots().size();
        operationCount += said.total();
        int found = said.overlay().orElse(layers - 1) + 1;
        overlayCount += found - layers;
        layers = found;
        look(round, said.putOn());
      } catch (AssertionError e) {
        throw new AssertionError(
            "kill %d after %d us, %s, %d layers (-Dplatter.seed=%d): %s"
                .formatted(round, until.toNanos() / 1000, options, layers, seed, e.getMessage()),
            e);
      }
    }

    private void look(int round, boolean overlayPutOn) throws IOException, InterruptedException {
      if (options.lazyRefcounts()) {
        if (!overlayPutOn) {
          repairWithoutOverlay(layers - 2);
        }
        requireSound(layers - 1);
      } else {
        requireSound(layers);
      }
      try (BlockGraph graph = newGraph();
          BlockBackend disk = graph.openBackend(KilledWriter.spec(images, layers - 1, options))) {
        compare(disk);
        writeOneMore(disk, round);
      }
      requireSound(layers);
      contents.snapshots().settle(readSnapshots());
      if (round % 4 == 0) {
        for (int i = 0; i < layers; i++) {
          oracle.check(KilledWriter.layer(images, i));
        }
      }
    }

    /** A backing file is not opened for writing with its overlay, and so is not repaired then. */
    private void repairWithoutOverlay(int layer) throws IOException {
      NodeSpec alone =
          KilledWriter.spec(images, layer, options).withChild("backing", new ChildSpec.None());
      try (BlockGraph graph = newGraph()) {
        graph.open(alone);
      }
    }

    private void compare(BlockBackend disk) throws IOException {
      List<Long> stamps = stamps(disk);
      for (int sector = 0; sector < WriterPlan.DISK_SECTORS; sector++) {
        contents.settle(sector, stamps.get(sector));
      }
    }

    /** The stamps of every snapshot inside an image. */
    private Map<Integer, List<Long>> readSnapshots() throws IOException {
      Map<Integer, List<Long>> found = new HashMap<>();
      for (int layer = 0; layer < layers; layer++) {
        NodeSpec spec = KilledWriter.spec(images, layer, options).with("read-only", "on");
        List<SnapshotInfo> snapshots;
        try (BlockGraph graph = newGraph()) {
          snapshots = InternalSnapshots.of(graph.open(spec)).list();
        }
        for (SnapshotInfo snapshot : snapshots) {
          try (BlockGraph graph = newGraph()) {
            BlockNode disk = graph.open(spec.with("snapshot.id", snapshot.id()));
            found.put(Integer.parseInt(snapshot.name()), stamps(disk));
          }
        }
      }
      return found;
    }

    private static List<Long> stamps(BlockNode disk) throws IOException {
      List<Long> stamps = new ArrayList<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(diskBytes());
        disk.read(0, bytes);
        for (int sector = 0; sector < WriterPlan.DISK_SECTORS; sector++) {
          MemorySegment found =
              bytes.asSlice((long) sector * WriterPlan.SECTOR_BYTES, WriterPlan.SECTOR_BYTES);
          stamps.add(SectorStamp.read(found, sector));
        }
      }
      return stamps;
    }

    private void writeOneMore(BlockBackend disk, int round) throws IOException {
      int sector = random.nextInt(WriterPlan.DISK_SECTORS);
      long stamp = SectorStamp.of(round, PARENTS_THREAD, 0);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(WriterPlan.SECTOR_BYTES);
        SectorStamp.write(data, sector, stamp);
        disk.write((long) sector * WriterPlan.SECTOR_BYTES, data);
      }
      disk.flush();
      contents.hold(sector, stamp);
    }

    private void requireSound(int layerCount) throws IOException {
      for (int i = 0; i < layerCount; i++) {
        check(i, Repair.NONE, false);
      }
    }

    /** Mends what kills leave behind: afterwards nothing is wrong with any image. */
    void mendLeaks() throws IOException {
      for (int i = 0; i < layers; i++) {
        check(i, Repair.LEAKS, false);
        check(i, Repair.NONE, true);
      }
    }

    private void check(int layer, Repair repair, boolean clean) throws IOException {
      Path image = KilledWriter.layer(images, layer);
      NodeSpec spec = NodeSpec.file(image.toString());
      List<String> findings = new ArrayList<>();
      try (BlockGraph graph = newGraph()) {
        BlockNode file =
            graph.open(
                repair == Repair.NONE ? spec.with("read-only", "on") : spec,
                Permissions.LONE_TOOL.holding(Permission.RESIZE));
        FormatDriverProvider format = (FormatDriverProvider) drivers.find("qcow2").orElseThrow();
        CheckReport report = format.check(file, image.toString(), repair, findings::add);
        if (report.corruptions() > 0 || report.checkErrors() > 0 || (clean && !report.clean())) {
          throw new AssertionError("layer %d: %s: %s".formatted(layer, report, findings));
        }
      }
    }

    @Override
    public void close() throws IOException {
      for (int i = 0; i < layers; i++) {
        Files.deleteIfExists(KilledWriter.layer(images, i));
      }
    }
  }

  private BlockGraph newGraph() {
    return BlockGraph.builder(drivers).events(event -> {}).build(); // repairs are expected
  }

  private static long diskBytes() {
    return (long) WriterPlan.DISK_SECTORS * WriterPlan.SECTOR_BYTES;
  }
}

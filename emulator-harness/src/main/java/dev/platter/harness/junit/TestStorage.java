package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.driver.DriverLookup;
import dev.platter.conf.DriveParser;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.graph.SystemClock;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.guest.MockGuest;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that one test is lent. Threads: one. */
final class TestStorage {
  private static final long GUEST_MEMORY_BYTES = 128L << 20;

  private final Path folder;
  private final SystemClock clock = new SystemClock();
  private final FaultyFiles files;
  private final BlockRuntime runtime;
  private final MockGuest guest = MockGuest.create(GUEST_MEMORY_BYTES);
  private final RequestLog log = new RequestLog();
  private final Map<String, DiskFixture> disks = new LinkedHashMap<>();
  private final Set<Path> mayLeak = new HashSet<>();

  /** Storage for a test. */
  static TestStorage create() throws IOException {
    return new TestStorage(false);
  }

  /** Storage that records what is done to image files: for {@link #recorded}. */
  static TestStorage recording() throws IOException {
    return new TestStorage(true);
  }

  private TestStorage(boolean recording) throws IOException {
    DriverLookup known = DriverRegistry.discover();
    files = FaultyFiles.over(known, recording);
    DriverLookup drivers = files.among(known);
    runtime =
        BlockRuntime.create(drivers, new DriveParser(drivers), clock, RuntimeSettings.DEFAULT);
    folder = Files.createTempDirectory("platter-test-");
  }

  BlockRuntime runtime() {
    return runtime;
  }

  MockGuest guest() {
    return guest;
  }

  RequestLog log() {
    return log;
  }

  /** The disk of this name; a new one if the name is empty or new. */
  DiskFixture disk(String name, DiskPlan plan) throws IOException {
    String key = name.isEmpty() ? "disk" + disks.size() : name;
    DiskFixture known = disks.get(key);
    if (known == null) {
      known = new DiskFixture(plan, key, folder, runtime, files);
      disks.put(key, known);
    }
    return known;
  }

  /** The disk of this name, on an image that holds the bytes of a node. */
  DiskFixture diskWith(String name, DiskPlan plan, MemoryNode image) throws IOException {
    DiskFixture known = disks.get(name);
    if (known == null) {
      Path file = folder.resolve(name + "." + plan.topFormat());
      Files.write(file, image.bytes());
      ImageChecks.check(runtime.graph(), file, plan.topFormat(), ImageChecks.Allowed.LEAKS);
      known = new DiskFixture(plan, name, file, files);
      disks.put(name, known);
      mayLeak.add(file);
    }
    return known;
  }

  TestDisk open(DiskFixture disk) throws IOException {
    return disk.open(runtime, guest, new MarkingListener(log, files));
  }

  /**
   * What has been done to the image of the only disk; the log grows on until that is closed.
   *
   * @throws IllegalStateException if there is not just one disk, with one image
   */
  DiskRecording recorded() {
    if (disks.size() != 1 || disks.values().iterator().next().images().size() != 1) {
      throw new IllegalStateException("a workload has one disk, with one image");
    }
    DiskFixture disk = disks.values().iterator().next();
    FaultyFiles.Recording recording = files.recording(disk.images().getFirst());
    return new DiskRecording(disk.plan(), recording.before(), recording.log());
  }

  TestDump dump() {
    String nodes =
        runtime.graph().nodes().stream().map(node -> "  " + node).collect(Collectors.joining("\n"));
    return new TestDump(log, nodes);
  }

  /**
   * Closes what was lent, requires that the test closed the rest, and checks the images.
   *
   * @throws AssertionError if nodes were left open, or an image is not clean
   */
  void finish() throws IOException {
    Map<Path, String> images = images();
    guest.close();
    List<String> leaked;
    try {
      for (DiskFixture disk : disks.values()) {
        disk.close();
      }
      leaked = runtime.graph().nodes().stream().map(BlockNode::name).toList();
      if (leaked.isEmpty()) {
        for (Map.Entry<Path, String> image : images.entrySet()) {
          boolean leaky = mayLeak.contains(image.getKey());
          ImageChecks.check(
              runtime.graph(),
              image.getKey(),
              image.getValue(),
              leaky ? ImageChecks.Allowed.LEAKS : ImageChecks.Allowed.NOTHING);
        }
      }
    } finally {
      runtime.close();
      clock.close();
      delete();
    }
    if (!leaked.isEmpty()) {
      throw new AssertionError("the test left nodes open: " + leaked);
    }
  }

  /** The images to be checked, with their formats: those lent, and others that are open. */
  private Map<Path, String> images() {
    Map<Path, String> images = new LinkedHashMap<>();
    for (BlockNode node : runtime.graph().nodes()) {
      if (node instanceof FormatNode image && image.file() instanceof HostBacked file) {
        images.put(file.path(), image.driverName());
      }
    }
    for (DiskFixture disk : disks.values()) {
      for (int i = 0; i < disk.images().size(); i++) {
        if (disk.plan().check()) {
          images.put(disk.images().get(i), disk.plan().formats().reversed().get(i));
        } else {
          images.remove(disk.images().get(i));
        }
      }
    }
    return images;
  }

  private void delete() throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(paths::add);
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}

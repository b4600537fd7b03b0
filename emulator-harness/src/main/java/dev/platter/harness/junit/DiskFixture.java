package dev.platter.harness.junit;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValue;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.CreateRequest;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.MockGuest;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** One disk of a test: its files are made at once, the rest when it is first asked for. */
final class DiskFixture {
  private final DiskPlan plan;
  private final String name;
  private final FaultyFiles files;
  private final List<Path> images = new ArrayList<>();
  private Optional<TestDisk> open = Optional.empty();
  private final Deque<Closeable> onClose = new ArrayDeque<>();

  /** Makes the image files, {@code name-0.qcow2} the base. */
  DiskFixture(DiskPlan plan, String name, Path folder, BlockRuntime runtime, FaultyFiles files)
      throws IOException {
    this.plan = plan;
    this.name = name;
    this.files = files;
    if (!plan.inMemory()) {
      for (int i = 0; i < plan.formats().size(); i++) {
        create(i, folder, runtime);
      }
    }
  }

  /** A disk on one image that is there already. */
  DiskFixture(DiskPlan plan, String name, Path image, FaultyFiles files) {
    this.plan = plan;
    this.name = name;
    this.files = files;
    images.add(image);
  }

  private void create(int layerIndex, Path folder, BlockRuntime runtime) throws IOException {
    String format = plan.formats().get(layerIndex);
    Path image = folder.resolve("%s-%d.%s".formatted(name, layerIndex, format));
    Optional<BackingReference> backing =
        layerIndex == 0
            ? Optional.empty()
            : Optional.of(
                new BackingReference(
                    images.getFirst().getFileName().toString(),
                    Optional.of(plan.formats().get(layerIndex - 1))));
    Map<String, OptionValue> options = format.equals(plan.topFormat()) ? plan.create() : Map.of();
    runtime
        .graph()
        .create(
            new CreateRequest(
                format,
                image.toString(),
                OptionalLong.of(plan.sizeBytes()),
                backing,
                options,
                false));
    images.addFirst(image);
  }

  DiskPlan plan() {
    return plan;
  }

  /** The image files, the top first. */
  List<Path> images() {
    return List.copyOf(images);
  }

  /** The disk with its guest, opened if it is not open yet. */
  TestDisk open(BlockRuntime runtime, MockGuest guest, AccessListener listener) throws IOException {
    if (open.isEmpty()) {
      open =
          Optional.of(
              plan.inMemory()
                  ? inMemory(runtime, guest, listener)
                  : onImages(runtime, guest, listener));
    }
    return open.get();
  }

  /** Closes the disk, if it is open; its device must have been unplugged. */
  void close() throws IOException {
    for (Closeable step : onClose) {
      step.close();
    }
    onClose.clear();
  }

  private TestDisk inMemory(BlockRuntime runtime, MockGuest guest, AccessListener listener)
      throws IOException {
    BlockNode node = new MemoryNode(name, plan.sizeBytes());
    return plug(node, plan.device(), runtime, guest, listener);
  }

  private TestDisk onImages(BlockRuntime runtime, MockGuest guest, AccessListener listener)
      throws IOException {
    String file = images.getFirst().toString().replace(",", ",,");
    String more = plan.drive().isEmpty() ? "" : "," + plan.drive();
    DriveSpec spec =
        DriveSpec.parse(
            "file=%s,driver=%s%s".formatted(file, plan.topFormat(), more), runtime.drivers());
    Drive drive = runtime.open(spec, plan.device(), AccessListener.NONE);
    onClose.addFirst(drive::close);
    return plug(drive.backend(), drive.device().options(), runtime, guest, listener);
  }

  private TestDisk plug(
      BlockNode node,
      BlkOptions options,
      BlockRuntime runtime,
      MockGuest guest,
      AccessListener listener)
      throws IOException {
    FaultyNode faults = new FaultyNode(node);
    List<FaultyNode> below = images.stream().map(image -> files.over(image).orElseThrow()).toList();
    for (Fault fault : plan.faults()) {
      set(fault, fault.layer() == Fault.DEVICE ? faults : below.get(fault.layer()));
    }
    VirtioBlkDevice device = new VirtioBlkDevice(faults, options, executor(runtime), listener);
    return new TestDisk(images(), node, faults, below, device, guest.plug(device, plan.driver()));
  }

  private static void set(Fault fault, FaultyNode node) {
    if (fault.always()) {
      node.failFrom(fault.on(), fault.nth(), fault.errno());
    } else {
      node.failNth(fault.on(), fault.nth(), fault.errno());
    }
  }

  private RequestExecutor executor(BlockRuntime runtime) {
    if (plan.workerCount() == 0) {
      return runtime.executor();
    }
    RequestExecutor workers = RequestExecutor.workers(plan.workerCount());
    onClose.addFirst(workers::close);
    return workers;
  }
}

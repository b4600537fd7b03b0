package dev.platter.harness;

import dev.platter.api.BlockNode;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.GenericOptions;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.ErrorAction;
import dev.platter.harness.blk.ErrorPolicy;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.blk.VirtioBlkDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An open drive: its images, the backend that is the disk, and the device for a guest.
 *
 * <p>Threads: any. Closing takes the device out of its machine, then closes what was opened.
 */
public final class Drive implements AutoCloseable {
  private final BlockRuntime runtime;
  private final DriveSpec spec;
  private final BlockBackend backend;
  private final List<Closing.Step> below;
  private final VirtioBlkDevice device;

  private Drive(
      BlockRuntime runtime,
      DriveSpec spec,
      BlockBackend backend,
      List<Closing.Step> below,
      VirtioBlkDevice device) {
    this.runtime = runtime;
    this.spec = spec;
    this.backend = backend;
    this.below = below;
    this.device = device;
  }

  /**
   * A drive on an open backend.
   *
   * @param below what to do after the backend has been closed
   */
  static Drive of(
      BlockRuntime runtime,
      DriveSpec spec,
      BlockBackend backend,
      List<Closing.Step> below,
      BlkOptions options,
      AccessListener listener)
      throws OptionException {
    RequestExecutor executor = runtime.executor();
    AccessListener marking = OperationMarks.before(listener, runtime.graph().treeOf(backend));
    VirtioBlkDevice device =
        new VirtioBlkDevice(backend, deviceOptions(spec, options), executor, marking);
    return new Drive(runtime, spec, backend, below, device);
  }

  /** What the drive says of its device, over what the caller says. */
  private static BlkOptions deviceOptions(DriveSpec spec, BlkOptions options)
      throws OptionException {
    Option<Boolean> writeback = GenericOptions.CACHE_WRITEBACK;
    OptionValue said = spec.node().options().get(writeback.name());
    boolean writeCache =
        said == null ? options.writeCache() : writeback.type().read(writeback.name(), said);
    return options.toBuilder()
        .writeCache(writeCache)
        .errorPolicy(
            new ErrorPolicy(
                action(spec.device().readErrors()), action(spec.device().writeErrors())))
        .build();
  }

  private static ErrorAction action(dev.platter.conf.ErrorAction action) {
    return switch (action) {
      case IGNORE -> ErrorAction.IGNORE;
      case STOP -> ErrorAction.STOP;
      case REPORT -> ErrorAction.REPORT;
      case ENOSPC -> ErrorAction.ENOSPC;
    };
  }

  /** What was opened. */
  public DriveSpec spec() {
    return spec;
  }

  /** The disk: what the device reads and writes. */
  public BlockBackend backend() {
    return backend;
  }

  /** The device, to be plugged into a machine. */
  public VirtioBlkDevice device() {
    return device;
  }

  /** The images that the disk's bytes come from, from the top down. */
  public List<BlockNode> chain() {
    return runtime.graph().chainOf(backend);
  }

  /** Unplugs the device and closes what was opened. Closing twice does nothing. */
  @Override
  public void close() throws IOException {
    device.unplug();
    if (runtime.forget(this)) {
      List<Closing.Step> steps = new ArrayList<>();
      steps.add(backend::close);
      steps.addAll(below);
      Closing.all(steps);
    }
  }
}

package dev.platter.harness;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveInterface;
import dev.platter.conf.DriveParser;
import dev.platter.conf.DriveSpec;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.BlockGraphBuilder;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.SystemClock;
import dev.platter.graph.TemporaryOverlay;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Everything that an emulator needs to give disks to its guest: drivers, site defaults, graph,
 * clock, and threads.
 *
 * <pre>{@code
 * try (BlockRuntime runtime = BlockRuntime.create();
 *     Drive drive = runtime.open("file=hd2.qcow2,if=virtio,l2-cache-size=1M")) {
 *   machine.add(drive.device());
 * }
 * }</pre>
 *
 * <p>Threads: any. Closing closes what is still open, from the top down.
 */
public final class BlockRuntime implements AutoCloseable {
  /** The filter that stands for {@code copy-on-read=on}; its driver is found like any other. */
  private static final NodeSpec COPYING = NodeSpec.of("copy-on-read");

  /** The filter that keeps a drive to its limits. */
  private static final NodeSpec THROTTLING = NodeSpec.of("throttle");

  private final DriverLookup drivers;
  private final DriveParser parser;
  private final BlockGraph graph;
  private final RequestExecutor executor;
  private final DriveThrottles throttles;
  private final List<Closing.Step> owned = new ArrayList<>();
  private final List<Drive> drives = new ArrayList<>();
  private boolean closed;

  private BlockRuntime(
      DriverLookup drivers, DriveParser parser, BlockClock clock, RuntimeSettings settings) {
    this.drivers = drivers;
    this.parser = parser;
    this.executor =
        settings.workerCount() == 0
            ? RequestExecutor.inline()
            : RequestExecutor.adaptive(settings.workerCount());
    this.throttles = new DriveThrottles(settings.objects().throttleGroups());
    BlockGraphBuilder builder =
        BlockGraph.builder(drivers)
            .clock(clock)
            .gate(settings.gate())
            .maxChainDepth(settings.maxChainDepth())
            .driverDefaults(settings.driverDefaults())
            .fileNames(settings.fileNames())
            .secrets(settings.objects().secrets())
            .throttleGroups(throttles)
            .cacheBudget(settings.cacheBudget());
    settings.events().ifPresent(builder::events);
    this.graph = builder.build();
  }

  /**
   * A runtime with the drivers on the class path and the defaults of this site.
   *
   * @throws IOException if the site's file cannot be read, or says what it must not
   */
  public static BlockRuntime create() throws IOException {
    DriverLookup drivers = DriverRegistry.discover();
    SiteDefaults site = SiteDefaults.load(drivers);
    return withSystemClock(drivers, site.parser(), RuntimeSettings.of(site));
  }

  /** A runtime with the drivers on the class path, whatever the site says. */
  public static BlockRuntime create(RuntimeSettings settings) {
    DriverLookup drivers = DriverRegistry.discover();
    return withSystemClock(drivers, new DriveParser(drivers), settings);
  }

  private static BlockRuntime withSystemClock(
      DriverLookup drivers, DriveParser parser, RuntimeSettings settings) {
    SystemClock clock = new SystemClock();
    BlockRuntime runtime = create(drivers, parser, clock, settings);
    runtime.owned.add(clock::close);
    return runtime;
  }

  /**
   * A runtime of these parts.
   *
   * @param parser reads option strings of drives
   * @param clock stays the caller's to close
   */
  public static BlockRuntime create(
      DriverLookup drivers, DriveParser parser, BlockClock clock, RuntimeSettings settings) {
    return new BlockRuntime(drivers, parser, clock, settings);
  }

  /** The drivers there are. */
  public DriverLookup drivers() {
    return drivers;
  }

  /** The graph of open nodes. */
  public BlockGraph graph() {
    return graph;
  }

  /** What runs guest requests. */
  public RequestExecutor executor() {
    return executor;
  }

  /**
   * {@link #open(DriveSpec)} of an option string; the site's named drives are known.
   *
   * @throws OptionException with everything that is wrong with the string
   */
  public Drive open(String drive) throws IOException {
    return open(parser.parse(drive).drive());
  }

  /** {@link #open(DriveSpec, BlkOptions, AccessListener)} of a usual device. */
  public Drive open(DriveSpec spec) throws IOException {
    return open(spec, BlkOptions.DEFAULT, AccessListener.NONE);
  }

  /**
   * Opens a drive's images and makes its device. Logs among its nodes, such as {@code blklogwrites}
   * keeps, get a mark {@code op N} for each request of the guest that succeeds, from 0.
   *
   * @param spec the drive; with {@code snapshot=on}, writes go to a temporary overlay
   * @param options the device, as far as the drive does not say it: error policy and write cache
   *     are the drive's
   * @param listener hears what the device does
   * @return the drive; closing it, or this runtime, closes everything that was opened
   * @throws OptionException if options are wrong
   */
  public Drive open(DriveSpec spec, BlkOptions options, AccessListener listener)
      throws IOException {
    checkInterface(spec);
    synchronized (drives) {
      if (closed) {
        throw new NodeClosedException("block runtime");
      }
      Drive drive =
          spec.snapshot() || spec.copyOnRead() || spec.throttling().isPresent()
              ? openStacked(spec, options, listener)
              : openLasting(spec, options, listener);
      drives.add(drive);
      return drive;
    }
  }

  /** There is one kind of device; {@code if=none} leaves it to the caller what to plug in. */
  private static void checkInterface(DriveSpec spec) throws OptionException {
    DriveInterface type = spec.device().interfaceType().orElse(DriveInterface.VIRTIO);
    if (type != DriveInterface.VIRTIO && type != DriveInterface.NONE) {
      throw new OptionException(
          new OptionProblem(
              "if",
              "not supported yet: if=" + type.word(),
              type.word(),
              "virtio, none",
              Optional.empty()));
    }
  }

  private Drive openLasting(DriveSpec spec, BlkOptions options, AccessListener listener)
      throws IOException {
    BlockBackend backend = graph.openBackend(spec.node());
    try {
      return Drive.of(this, spec, backend, List.of(), options, listener);
    } catch (IOException e) {
      Closing.after(e, backend::close);
      throw e;
    }
  }

  /** Opens the images, and on top of them what the drive asks for. */
  private Drive openStacked(DriveSpec spec, BlkOptions options, AccessListener listener)
      throws IOException {
    BlockNode base = graph.open(spec.node());
    Deque<Closing.Step> below = new ArrayDeque<>();
    below.push(() -> graph.close(base));
    try {
      BlockNode top = base;
      if (spec.snapshot()) {
        TemporaryOverlay overlay = TemporaryOverlay.over(graph, base);
        below.push(overlay::close);
        top = overlay.node();
      }
      if (spec.copyOnRead()) {
        top = openFilter(COPYING, top, below);
      }
      if (spec.throttling().isPresent()) {
        String group = spec.throttling().get().group().or(spec.device()::id).orElseGet(base::name);
        throttles.join(group, spec.throttling().get());
        below.push(() -> throttles.leave(group));
        top = openFilter(THROTTLING.with("throttle-group", group), top, below);
      }
      BlockBackend backend = graph.attach(base.name(), top);
      return Drive.of(this, spec, backend, List.copyOf(below), options, listener);
    } catch (IOException e) {
      below.forEach(step -> Closing.after(e, step));
      throw e;
    }
  }

  private BlockNode openFilter(NodeSpec filter, BlockNode top, Deque<Closing.Step> below)
      throws IOException {
    BlockNode node = graph.open(filter.withChild("file", new ChildSpec.Reference(top.name())));
    below.push(() -> graph.close(node));
    return node;
  }

  /** Whether the drive was open, as which it counts no more. */
  boolean forget(Drive drive) {
    synchronized (drives) {
      return drives.remove(drive);
    }
  }

  /**
   * Closes all drives, the graph with what is left in it, and the threads. Closing twice does
   * nothing.
   *
   * @throws IOException the first failure, after everything has been closed
   */
  @Override
  public void close() throws IOException {
    List<Closing.Step> steps = new ArrayList<>();
    synchronized (drives) {
      if (closed) {
        return;
      }
      closed = true;
      drives.reversed().forEach(drive -> steps.add(drive::close));
    }
    steps.add(graph::close);
    steps.add(executor::close);
    steps.addAll(owned);
    Closing.all(steps);
  }
}

package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.error.BlockException;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Steps on a disk whose files fail at one call; then the same with the next call failing, until
 * none is left to fail.
 *
 * <p>Each time, every step must succeed or fail cleanly, a read afterwards must show what may be
 * there, and the files, opened again without faults, must be free of corruptions, hold what was
 * flushed, and take further writes.
 */
public final class FaultRun {

  /** Tells a file which call is to fail. */
  @FunctionalInterface
  public interface Injection {
    /** Arms a file that has just been opened; {@code nth} counts from 1. */
    void into(FaultyNode file, int nth);
  }

  private final CrashDisk disk;
  private final List<CrashStep> steps;
  private final Injection injection;
  private final int nth;
  private final List<FaultyNode> faulty = new ArrayList<>();
  private final SectorModel model;
  private final FormatImage image;
  private List<MemoryNode> layers;

  private FaultRun(CrashDisk disk, List<CrashStep> steps, Injection injection, int nth) {
    this.disk = disk;
    this.steps = steps;
    this.injection = injection;
    this.nth = nth;
    this.model = disk.model();
    this.image = disk.image().copy();
    this.layers = List.of(image.file());
  }

  /**
   * Runs the steps with each call failing in turn.
   *
   * @return how many faults were injected
   * @throws AssertionError if a fault does more harm than it may
   */
  public static long failEveryCall(CrashDisk disk, List<CrashStep> steps, Injection injection) {
    long total = 0;
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      FaultRun run = new FaultRun(disk, steps, injection, nth);
      try {
        run.run();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(
            "%s, with call %d failing (%s): %s".formatted(steps, nth, run.faulty, e.getMessage()),
            e);
      }
      failures = run.faulty.stream().mapToLong(FaultyNode::failures).sum();
      total += failures;
    }
    return total;
  }

  /**
   * Runs the steps while the image's file is cut off to half of its size after one call, for each
   * call in turn. What was there is lost; but every step, and opening and reading it again, must
   * succeed or fail cleanly.
   *
   * @return how often the file was cut off
   */
  public static long cutOffAtEveryCall(CrashDisk disk, List<CrashStep> steps) throws IOException {
    long cutOff = 0;
    boolean more = true;
    for (int nth = 1; more; nth++) {
      more = cutOffAt(disk, steps, nth);
      cutOff += more ? 1 : 0;
    }
    return cutOff;
  }

  private static boolean cutOffAt(CrashDisk disk, List<CrashStep> steps, int nth)
      throws IOException {
    FormatImage image = disk.image().copy();
    MemoryNode file = image.file();
    AtomicInteger calls = new AtomicInteger();
    attempt(
        () -> {
          try (OpenChain chain =
              OpenChain.writable(
                  disk.fixture(),
                  image,
                  (_, node) -> new RecordingNode(node, _ -> cutOff(file, calls, nth)))) {
            for (CrashStep step : steps) {
              attempt(() -> chain.perform(step));
            }
          }
        });
    attempt(
        () -> {
          try (OpenChain chain = OpenChain.readOnly(disk.fixture(), image)) {
            SectorModel.read(chain.node());
          }
        });
    return calls.get() >= nth;
  }

  private static void cutOff(MemoryNode file, AtomicInteger calls, int nth) {
    if (calls.incrementAndGet() == nth) {
      try {
        file.reopen().resize(file.size() / 2, Preallocation.OFF);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @FunctionalInterface
  private interface Attempt {
    void make() throws IOException;
  }

  private static void attempt(Attempt attempt) throws IOException {
    try {
      attempt.make();
    } catch (BlockException e) {
      return; // A clean failure; anything else ends the test.
    }
  }

  private void run() throws IOException {
    try {
      OpenChain chain = OpenChain.writable(disk.fixture(), image, (_, file) -> arm(file));
      perform(chain);
      layers = chain.layers();
      close(chain);
    } catch (BlockException e) {
      // The image could not be opened, or not be closed, which is as good as a failed flush.
    }
    reopen();
  }

  private BlockNode arm(BlockNode file) {
    FaultyNode node = new FaultyNode(file);
    injection.into(node, nth);
    faulty.add(node);
    return node;
  }

  private void perform(OpenChain chain) throws IOException {
    for (CrashStep step : steps) {
      boolean done = true;
      try {
        chain.perform(step);
      } catch (BlockException e) {
        done = false;
      }
      model.took(step, done);
    }
    try {
      model.assertNow(chain.node());
    } catch (BlockException e) {
      return; // A read may be what fails.
    }
  }

  private static void close(OpenChain chain) throws IOException {
    try {
      chain.close();
    } finally {
      chain.close();
    }
  }

  private void reopen() throws IOException {
    FormatImage top = image;
    disk.fixture().checkImage(layers.getFirst(), true);
    for (MemoryNode overlay : layers.subList(1, layers.size())) {
      top = new FormatImage(disk.fixture(), overlay).over(top);
      disk.fixture().checkImage(overlay, true);
    }
    SectorModel found;
    try (OpenChain chain = OpenChain.writable(disk.fixture(), top, (_, file) -> file)) {
      byte[] bytes = SectorModel.read(chain.node());
      model.assertKept(bytes);
      found = SectorModel.holding(bytes);
      CrashStep everywhere = new CrashStep.Write(0, found.sectorCount(), 60);
      chain.perform(everywhere);
      found.took(everywhere, true);
    }
    disk.fixture().checkImage(top.file(), true);
    try (OpenChain chain = OpenChain.readOnly(disk.fixture(), top)) {
      found.assertNow(chain.node());
    }
    if (!model.hasNoSnapshots()) {
      model.assertSnapshots(OpenChain.readSnapshots(disk.fixture(), top));
    }
  }
}

package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.text.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies images into another one, part by part, by several threads: each takes the next part, reads
 * it, looks for zeros or compresses it, and writes it.
 *
 * <ul>
 *   <li>I1: unless any order will do, parts are written in the order of their offsets: a thread
 *       whose part is ready waits for its turn.
 *   <li>I2: every part that was given out has its turn passed on, or all turns have ended.
 *   <li>I3: a part's buffer is its thread's own until the part is written.
 * </ul>
 */
final class ImageCopy {
  private static final int BUFFER_BYTES = 2 << 20;
  private static final int COMPRESSED_PART_BYTES = 256 << 10;
  private static final int BUFFER_ALIGNMENT = 4096;
  private static final int THREADS_PER_PROCESSOR = 2;
  private static final double PERCENT = 100;

  private final CopySource source;
  private final CopyTarget target;
  private final HostCopy hostCopy;
  private final CopyRules rules;
  private final boolean anyOrder;
  private final int threadCount;
  private final int partBytes;
  private final Progress progress;
  private final CopyPlan plan;
  private final Turn turn = new Turn();
  private Optional<CommandFailure> failure = Optional.empty();

  ImageCopy(CopySource source, ConvertTarget target, ConvertRequest request, Progress progress)
      throws CommandFailure {
    this.source = source;
    this.target = new CopyTarget(target, request);
    this.hostCopy = new HostCopy(source.images(), target, request.offloaded());
    this.rules = target.copyRules();
    this.anyOrder = request.anyOrder();
    this.partBytes =
        target.compressing().isPresent()
            ? (int) Math.max(COMPRESSED_PART_BYTES, target.unitBytes())
            : BUFFER_BYTES;
    int useful = THREADS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    long parts = Math.ceilDiv(source.images().size(), partBytes);
    int most = request.salvage() ? 1 : Math.min(useful, request.workers()); // warnings in order
    this.threadCount = Math.clamp(parts, 1, most);
    this.progress = progress;
    this.plan = new CopyPlan(source.images(), rules, source.salvage());
  }

  /** Copies everything. */
  void run() throws CommandFailure {
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    List<Future<?>> works = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      works.add(threads.submit(this::work));
    }
    threads.shutdown();
    for (Future<?> work : works) {
      await(work);
    }
    synchronized (this) {
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private void work() {
    boolean done = false;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment buffer = arena.allocate(partBytes, BUFFER_ALIGNMENT);
      Optional<CopyPlan.Taken> taken = take();
      while (taken.isPresent()) {
        copy(taken.get(), buffer);
        taken = take();
      }
      done = true;
    } catch (CommandFailure e) {
      fail(e);
    } finally {
      if (!done) {
        turn.end(); // I2
      }
    }
  }

  private synchronized Optional<CopyPlan.Taken> take() throws CommandFailure {
    if (failure.isPresent()) {
      return Optional.empty();
    }
    Optional<CopyPlan.Taken> taken = plan.take(partBytes);
    if (taken.isPresent() && rules.copies(taken.get().part())) {
      progress.at(PERCENT * plan.takenShare());
    }
    return taken;
  }

  private synchronized void fail(CommandFailure e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e);
    }
  }

  private void copy(CopyPlan.Taken taken, MemorySegment buffer) throws CommandFailure {
    CopyPart part = taken.part();
    boolean byHost = hostCopy.takes(part);
    List<CopyTarget.Step> steps = byHost ? List.of() : prepare(part, buffer);
    if (anyOrder || turn.await(taken.number())) { // I1
      if (byHost) {
        copyByHost(part, buffer);
      } else {
        target.perform(part, steps);
      }
      turn.pass();
    }
  }

  private void copyByHost(CopyPart part, MemorySegment buffer) throws CommandFailure {
    if (hostCopy.copied(part)) {
      target.pace(part.length());
    } else {
      target.perform(part, prepare(part, buffer));
    }
  }

  private List<CopyTarget.Step> prepare(CopyPart part, MemorySegment buffer) throws CommandFailure {
    if (part.kind() == CopyPart.Kind.BACKING) {
      return List.of();
    }
    if (!rules.copies(part)) {
      return target.zeros(part.offset(), part.length());
    }
    MemorySegment bytes = buffer.asSlice(0, part.length());
    if (part.kind() == CopyPart.Kind.DATA) {
      source.read(part.offset(), bytes);
    } else {
      bytes.fill((byte) 0);
    }
    return target.prepare(part, bytes);
  }

  private static void await(Future<?> work) throws CommandFailure {
    try {
      work.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted").causedBy(e);
    }
  }
}

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
 * it, looks for zeros or compresses it, and hands it on to be written.
 *
 * <ul>
 *   <li>I1: unless any order will do, parts are written in the order of their offsets, by one
 *       thread at a time; the others go on reading meanwhile.
 *   <li>I2: a buffer is taken before a part is, and is one part's own until that is written. So the
 *       part that is to be written next always has one, and nobody waits for ever.
 *   <li>I3: parts end at multiples of their size, so that no cluster is written in pieces that need
 *       not be.
 * </ul>
 *
 * <p>A part is small enough to be still in the processor's cache when it is written, and its pages
 * are small enough for the host to have them at hand.
 */
final class ImageCopy {
  private static final int PART_BYTES = 512 << 10;
  private static final int LONG_PART_BYTES = 2 << 20;
  private static final int COMPRESSED_PART_BYTES = 256 << 10;
  private static final int THREADS_PER_PROCESSOR = 2;
  private static final int BUFFERS_PER_THREAD = 2;
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
  private final Arena memory = Arena.ofShared();
  private final CopyBuffers buffers;
  private final InOrder writes = new InOrder();
  private Optional<CommandFailure> failure = Optional.empty();

  ImageCopy(CopySource source, ConvertTarget target, ConvertRequest request, Progress progress)
      throws CommandFailure {
    this.source = source;
    this.target = new CopyTarget(target, request);
    this.hostCopy = new HostCopy(source.images(), target, request.offloaded());
    this.rules = target.copyRules();
    this.anyOrder = request.anyOrder();
    long leastBytes = target.compressing().isPresent() ? COMPRESSED_PART_BYTES : PART_BYTES;
    if (request.sparseBytes() > leastBytes) {
      leastBytes = LONG_PART_BYTES; // runs of zeros are found within a part
    }
    this.partBytes = (int) Math.max(leastBytes, target.clusterBytes());
    int useful = THREADS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    long parts = Math.ceilDiv(source.images().size(), partBytes);
    int most = request.salvage() ? 1 : Math.min(useful, request.workers()); // warnings in order
    this.threadCount = Math.clamp(parts, 1, most);
    this.buffers = new CopyBuffers(memory, partBytes, BUFFERS_PER_THREAD * threadCount);
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
    try {
      for (Future<?> work : works) {
        await(work);
      }
    } finally {
      buffers.end(); // nobody goes on when one cannot
      threads.close();
      memory.close();
    }
    synchronized (this) {
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private void work() {
    boolean done = false;
    try {
      Optional<MemorySegment> buffer = buffers.take(); // I2
      while (buffer.isPresent() && copyNext(buffer.get())) {
        buffer = buffers.take();
      }
      done = true;
    } catch (CommandFailure e) {
      fail(e);
    } finally {
      if (!done) {
        buffers.end();
      }
    }
  }

  /** Copies the next part, or hands it on; false if there is none. */
  private boolean copyNext(MemorySegment buffer) throws CommandFailure {
    Optional<CopyPlan.Taken> taken = take();
    if (taken.isEmpty()) {
      buffers.give(buffer);
      return false;
    }
    CopyPart part = taken.get().part();
    InOrder.Work write = writing(part, buffer);
    if (anyOrder) {
      write.perform();
    } else {
      writes.submit(taken.get().number(), write); // I1
    }
    return true;
  }

  /** Reads a part; what it returns writes it, and gives the buffer back. */
  private InOrder.Work writing(CopyPart part, MemorySegment buffer) throws CommandFailure {
    boolean byHost = hostCopy.takes(part);
    List<CopyTarget.Step> steps = byHost ? List.of() : prepare(part, buffer);
    return () -> {
      if (byHost) {
        copyByHost(part, buffer);
      } else {
        target.perform(part, steps);
      }
      buffers.give(buffer);
    };
  }

  private synchronized Optional<CopyPlan.Taken> take() throws CommandFailure {
    if (failure.isPresent()) {
      return Optional.empty();
    }
    Optional<CopyPlan.Taken> taken = plan.take(partBytes);
    if (taken.isPresent() && isStep(taken.get())) {
      progress.at(PERCENT * plan.takenShare());
    }
    return taken;
  }

  /** Whether progress is said after a part: where QEMU's larger ones end. */
  private boolean isStep(CopyPlan.Taken taken) {
    return rules.copies(taken.part())
        && (taken.isLast() || taken.part().end() % LONG_PART_BYTES == 0);
  }

  private synchronized void fail(CommandFailure e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e);
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
      if (e.getCause() instanceof Error error) {
        throw error; // no memory, for one
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted").causedBy(e);
    }
  }
}

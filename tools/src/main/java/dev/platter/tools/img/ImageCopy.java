package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Copies images into another one, part by part: sparse in, sparse out.
 *
 * <p>Zeros that are found in what was read are not written where the target reads as zeros anyway.
 */
final class ImageCopy {
  private static final int BUFFER_BYTES = 2 << 20;
  private static final double PERCENT = 100;

  private final ImageSequence source;
  private final BlockNode target;
  private final boolean targetReadsAsZeros;
  private final boolean writesZeros;
  private final int threadCount;
  private final Progress progress;
  private final DataRuns runs;
  private final CopyPlan plan;
  private CommandFailure failure;

  ImageCopy(ImageSequence source, ConvertTarget target, ConvertRequest request, Progress progress)
      throws CommandFailure {
    this.source = source;
    this.target = target.image().node();
    this.targetReadsAsZeros = target.readsAsZeros();
    this.writesZeros = request.sparseBytes() == 0;
    this.threadCount = request.anyOrder() ? request.workers() : 1;
    this.progress = progress;
    this.runs = new DataRuns(request.sparseBytes());
    this.plan = new CopyPlan(source, writesZeros, target.hasBacking());
  }

  /** Copies everything. */
  void run() throws CommandFailure {
    List<Thread> helpers = new ArrayList<>();
    for (int i = 1; i < threadCount; i++) {
      helpers.add(Thread.ofPlatform().name("convert-" + i).start(this::work));
    }
    work();
    for (Thread helper : helpers) {
      join(helper);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void work() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      Optional<CopyPart> part = take();
      while (part.isPresent()) {
        copy(part.get(), buffer);
        part = take();
      }
    } catch (CommandFailure e) {
      fail(e);
    }
  }

  private synchronized Optional<CopyPart> take() throws CommandFailure {
    Optional<CopyPart> part = failure == null ? plan.take(BUFFER_BYTES) : Optional.empty();
    if (part.isPresent() && isCopied(part.get())) {
      progress.at(PERCENT * plan.takenShare());
    }
    return part;
  }

  private synchronized void fail(CommandFailure e) {
    if (failure == null) {
      failure = e;
    }
  }

  private boolean isCopied(CopyPart part) {
    return part.kind() == CopyPart.Kind.DATA || (writesZeros && part.kind() == CopyPart.Kind.ZERO);
  }

  private void copy(CopyPart part, byte[] buffer) throws CommandFailure {
    switch (part.kind()) {
      case DATA -> {
        read(part, buffer);
        writeRuns(part, buffer);
      }
      case ZERO -> {
        if (writesZeros) {
          Arrays.fill(buffer, (byte) 0);
          writeRuns(part, buffer);
        } else {
          writeZeroes(part.offset(), part.length());
        }
      }
      case BACKING -> {}
    }
  }

  private void writeRuns(CopyPart part, byte[] buffer) throws CommandFailure {
    int end = (int) part.length();
    int at = 0;
    while (at < end) {
      long offset = part.offset() + at;
      DataRuns.Run run = runs.next(buffer, at, end, offset);
      if (run.data()) {
        write(offset, MemorySegment.ofArray(buffer).asSlice(at, run.length()));
      } else {
        writeZeroes(offset, run.length());
      }
      at += run.length();
    }
  }

  private void read(CopyPart part, byte[] buffer) throws CommandFailure {
    try {
      source.read(part.offset(), MemorySegment.ofArray(buffer).asSlice(0, part.length()));
    } catch (IOException e) {
      throw failure("reading", part.offset(), e);
    }
  }

  private void write(long offset, MemorySegment bytes) throws CommandFailure {
    try {
      target.write(offset, bytes);
    } catch (IOException e) {
      throw failure("writing", offset, e);
    }
  }

  private void writeZeroes(long offset, long length) throws CommandFailure {
    if (targetReadsAsZeros) {
      return;
    }
    try {
      target.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
    } catch (IOException e) {
      throw failure("writing", offset, e);
    }
  }

  private static CommandFailure failure(String doing, long offset, IOException e) {
    return new CommandFailure(
            "error while %s at byte %d: %s".formatted(doing, offset, ErrorText.ofRequest(e)))
        .causedBy(e);
  }

  private void join(Thread helper) throws CommandFailure {
    try {
      helper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted").causedBy(e);
    }
  }
}

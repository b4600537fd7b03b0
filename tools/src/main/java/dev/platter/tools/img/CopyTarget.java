package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.CompressingNode.PreparedWrite;
import dev.platter.api.ZeroMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what is copied: runs of data, and zeros where the target does not read as zeros anyway; or
 * units, compressed.
 *
 * <p>What takes time, looking for zeros and compressing, is done by {@link #prepare}, outside of
 * the order in which parts are written. Threads: any number.
 */
final class CopyTarget {
  private final BlockNode node;
  private final Optional<CompressingNode> compressing;
  private final boolean readsAsZeros;
  private final boolean sparse;
  private final long unitBytes;
  private final DataRuns runs;
  private final RateLimit rate;
  private final AtomicLong written = new AtomicLong();

  CopyTarget(ConvertTarget target, ConvertRequest request) {
    this.node = target.image().node();
    this.compressing = target.compressing();
    this.readsAsZeros = target.readsAsZeros();
    this.sparse = request.sparseBytes() > 0;
    this.unitBytes = target.unitBytes();
    this.runs = new DataRuns(request.sparseBytes());
    this.rate = new RateLimit(request.bytesPerSecond());
  }

  /** A write that only has to be performed, once, while its bytes are as they were. */
  @FunctionalInterface
  interface Step {
    void perform() throws IOException;
  }

  /** What is to be done to write a part. */
  List<Step> prepare(CopyPart part, MemorySegment bytes) throws CommandFailure {
    try {
      return compressing.isPresent()
          ? compressedSteps(compressing.get(), part, bytes)
          : plainSteps(part, bytes);
    } catch (IOException e) {
      throw failure(part, e);
    }
  }

  /** Performs the steps of a part. */
  void perform(CopyPart part, List<Step> steps) throws CommandFailure {
    try {
      for (Step step : steps) {
        step.perform();
      }
    } catch (IOException e) {
      throw failure(part, e);
    }
  }

  /** The step that makes a range read as zeros; none if it does. */
  List<Step> zeros(long offset, long length) {
    return readsAsZeros
        ? List.of()
        : List.of(() -> node.writeZeroes(offset, length, ZeroMode.MAY_UNMAP));
  }

  private List<Step> plainSteps(CopyPart part, MemorySegment bytes) {
    List<Step> steps = new ArrayList<>();
    long at = 0;
    while (at < bytes.byteSize()) {
      long offset = part.offset() + at;
      DataRuns.Run run = runs.next(bytes, at, offset);
      if (run.data()) {
        MemorySegment data = bytes.asSlice(at, run.length());
        steps.add(() -> write(offset, data));
      } else {
        steps.addAll(zeros(offset, run.length()));
      }
      at += run.length();
    }
    return steps;
  }

  private List<Step> compressedSteps(CompressingNode target, CopyPart part, MemorySegment bytes)
      throws IOException {
    List<Step> steps = new ArrayList<>();
    for (long at = 0; at < bytes.byteSize(); at += unitBytes) {
      long offset = part.offset() + at;
      MemorySegment unit = bytes.asSlice(at, Math.min(unitBytes, bytes.byteSize() - at));
      if (sparse && ZeroScan.firstNonZero(unit) < 0) {
        steps.addAll(zeros(offset, unit.byteSize()));
      } else {
        PreparedWrite prepared = target.prepareCompressed(offset, unit);
        pace(unit.byteSize());
        steps.add(prepared::perform);
      }
    }
    return steps;
  }

  private void write(long offset, MemorySegment data) throws IOException {
    pace(data.byteSize());
    node.write(offset, data);
  }

  /** Waits until so many bytes more may be written. */
  void pace(long bytes) {
    rate.pace(written.getAndAdd(bytes));
  }

  private static CommandFailure failure(CopyPart part, IOException e) {
    return new CommandFailure(
            "error while writing at byte %d: %s".formatted(part.offset(), ErrorText.ofRequest(e)))
        .causedBy(e);
  }
}

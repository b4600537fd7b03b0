package dev.platter.tck.crash;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Changes from a log, done to a disk: wholly, or to one half of their sectors. */
final class Disk {
  private Disk() {}

  private record Span(long offset, long length) {}

  static void apply(MemoryNode disk, Operation operation) throws IOException {
    Span span = span(operation);
    apply(disk, operation, span);
  }

  /** Does the part of a change that lies in the first, or the last, half of its sectors. */
  static void applyHalf(MemoryNode disk, Operation operation, boolean last, int sectorBytes)
      throws IOException {
    Span span = span(operation);
    long firstSector = span.offset() / sectorBytes;
    long middle = (firstSector + (sectorCount(operation, sectorBytes) + 1) / 2) * sectorBytes;
    long end = span.offset() + span.length();
    long cut = Math.clamp(middle, span.offset(), end);
    Span half = last ? new Span(cut, end - cut) : new Span(span.offset(), cut - span.offset());
    if (half.length() > 0) {
      apply(disk, operation, half);
    }
  }

  static long sectorCount(Operation operation, int sectorBytes) {
    Span span = span(operation);
    if (span.length() == 0) {
      return 0;
    }
    return (span.offset() + span.length() - 1) / sectorBytes - span.offset() / sectorBytes + 1;
  }

  static boolean overlap(Operation a, Operation b) {
    if (a instanceof Operation.Resize || b instanceof Operation.Resize) {
      return true;
    }
    Span first = span(a);
    Span second = span(b);
    return first.offset() < second.offset() + second.length()
        && second.offset() < first.offset() + first.length();
  }

  private static void apply(MemoryNode disk, Operation operation, Span span) throws IOException {
    switch (operation) {
      case Operation.Write write -> {
        MemorySegment part = write.bytes().asSlice(span.offset() - write.offset(), span.length());
        disk.write(span.offset(), part);
      }
      case Operation.WriteZeroes zeros ->
          disk.writeZeroes(span.offset(), span.length(), zeros.mode());
      case Operation.Discard _ -> {
        long length = Math.min(span.length(), disk.size() - span.offset());
        if (length > 0) {
          disk.writeZeroes(span.offset(), length, ZeroMode.MAY_UNMAP);
        }
      }
      case Operation.Resize resize -> disk.resize(resize.newSize(), Preallocation.OFF);
      case Operation.Read _, Operation.Flush _, Operation.Mark _ -> {}
    }
  }

  private static Span span(Operation operation) {
    return switch (operation) {
      case Operation.Write write -> new Span(write.offset(), write.bytes().byteSize());
      case Operation.WriteZeroes zeros -> new Span(zeros.offset(), zeros.length());
      case Operation.Discard discard -> new Span(discard.offset(), discard.length());
      case Operation.Resize _, Operation.Read _, Operation.Flush _, Operation.Mark _ ->
          new Span(0, 0);
    };
  }
}

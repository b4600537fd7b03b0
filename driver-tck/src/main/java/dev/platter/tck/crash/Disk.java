package dev.platter.tck.crash;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Changes from a log, done to a disk: wholly, or to some of their sectors. */
final class Disk {
  private static final int SECTOR_BYTES = 512;

  private Disk() {}

  private record Span(long offset, long length) {}

  static void apply(MemoryNode disk, Operation operation) throws IOException {
    Span span = span(operation);
    apply(disk, operation, span);
  }

  /** Does a part of a change. */
  static void applyTorn(MemoryNode disk, Operation operation, Survivors.Tear tear)
      throws IOException {
    Span span = span(operation);
    long firstSector = span.offset() / SECTOR_BYTES;
    long count = sectorCount(operation, SECTOR_BYTES);
    long middle = firstSector + (count + 1) / 2;
    switch (tear) {
      case FIRST_HALF -> applySectors(disk, operation, firstSector, middle);
      case LAST_HALF -> applySectors(disk, operation, middle, firstSector + count);
      case EVERY_OTHER -> {
        for (long sector = firstSector + 1; sector < firstSector + count; sector += 2) {
          applySectors(disk, operation, sector, sector + 1);
        }
      }
    }
  }

  private static void applySectors(MemoryNode disk, Operation operation, long first, long end)
      throws IOException {
    Span span = span(operation);
    long spanEnd = span.offset() + span.length();
    long from = Math.clamp(first * SECTOR_BYTES, span.offset(), spanEnd);
    long to = Math.clamp(end * SECTOR_BYTES, span.offset(), spanEnd);
    if (to > from) {
      apply(disk, operation, new Span(from, to - from));
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

package dev.platter.graph;

import dev.platter.api.CompressingNode.PreparedWrite;
import dev.platter.api.Ranges;
import dev.platter.api.driver.CompressingFormat;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.api.driver.DebugEvents;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compressed writes to one image: whole units, compressed before anything is locked, and then
 * written one by one, each under the range lock of its unit. A unit that does not become smaller is
 * written as any other ({@link ChainWriter}).
 */
final class CompressedWriter {
  private final FormatNode node;
  private final MappedImage image;
  private final CompressingFormat format;
  private final RangeLock ranges;
  private final ChainWriter writer;
  private final long unitBytes;

  CompressedWriter(
      FormatNode node, CompressingFormat format, RangeLock ranges, ChainWriter writer) {
    this.node = node;
    this.image = node.image();
    this.format = format;
    this.ranges = ranges;
    this.writer = writer;
    this.unitBytes = image.driver().allocationUnitBytes();
  }

  /**
   * A unit to be written.
   *
   * @param plain its bytes, which end where the disk ends
   * @param compressed the same compressed; empty if that does not make it smaller
   */
  private record Unit(long offset, MemorySegment plain, Optional<MemorySegment> compressed) {}

  /** Compresses bytes; what it returns writes them. */
  PreparedWrite prepare(long offset, MemorySegment src) throws IOException {
    long end = offset + src.byteSize();
    if (offset % unitBytes != 0 || (end % unitBytes != 0 && end != node.size())) {
      throw new BlockIoException(
          node.name(),
          "compressed write of %d bytes at 0x%x, which is not of whole clusters"
              .formatted(src.byteSize(), offset),
          Errno.EINVAL);
    }
    List<Unit> units = new ArrayList<>();
    for (long at = 0; at < src.byteSize(); at += unitBytes) {
      MemorySegment plain = src.asSlice(at, Math.min(unitBytes, src.byteSize() - at));
      units.add(new Unit(offset + at, plain, format.compress(padded(plain))));
    }
    return () -> write(units);
  }

  private MemorySegment padded(MemorySegment plain) {
    if (plain.byteSize() == unitBytes) {
      return plain;
    }
    MemorySegment whole = MemorySegment.ofArray(new byte[Math.toIntExact(unitBytes)]);
    return whole.copyFrom(plain);
  }

  private void write(List<Unit> units) throws IOException {
    for (Unit unit : units) {
      if (unit.compressed().isPresent()) {
        writeCompressed(unit.offset(), unit.compressed().get());
      } else {
        writer.write(
            SegmentTransfer.INSTANCE, unit.offset(), unit.plain(), 0, unit.plain().byteSize());
      }
    }
  }

  private void writeCompressed(long offset, MemorySegment bytes) throws IOException {
    long start = Ranges.alignDown(offset, unitBytes);
    try (RangeLock.Held _ = ranges.lock(start, start + unitBytes);
        CompressedSpace space = image.allocateCompressed(format, offset, (int) bytes.byteSize())) {
      DebugEvents.of(image.data()).announce("write_compressed");
      image.data().write(space.hostOffset(), bytes);
      space.commit();
    }
  }
}

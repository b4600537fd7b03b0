package dev.platter.graph;

import dev.platter.api.IoVector;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.DebugEvents;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The write loop of one image: in place where the image says that bytes may be overwritten,
 * otherwise by copy on write.
 *
 * <ul>
 *   <li>I1: a write in place holds no lock. It is counted in at the fence from {@code map} until
 *       its transfer has ended, so its cluster is not given to anybody else meanwhile.
 *   <li>I2: {@code allocate}, {@code commit} and {@code release} are called under the range lock of
 *       the range, rounded out to the unit of allocation. Nothing else changes what {@code map}
 *       answers for a range.
 *   <li>I3: what was not writable in place is mapped again under the range lock: another writer may
 *       have allocated it.
 *   <li>I4: edges are read through the chain under the range lock, before the commit. Nobody writes
 *       them meanwhile: not in place, because they are not writable in place, and not by allocation
 *       (I2).
 *   <li>I5: the commit comes after head, data and tail have been written, in one transfer. If
 *       anything fails before it, the image is as it was.
 *   <li>I6: where bytes are stored encrypted, a write in place holds the range lock, too: a part of
 *       a sector is written by rewriting the sector.
 * </ul>
 *
 * <p>So each sector is a linearizable register. A write in place that is overtaken by a release of
 * its range may land in a cluster that nothing points to; it then counts as older than the release,
 * with which it was concurrent.
 */
final class ChainWriter {
  private static final long PIECE_BYTES = 1 << 20;

  private final FormatNode node;
  private final MappedImage image;
  private final RangeLock ranges;
  private final long unitBytes;
  private final long populatedBytes;
  private final ScratchMemory scratch = new ScratchMemory();

  ChainWriter(FormatNode node, RangeLock ranges) {
    this.node = node;
    this.image = node.image();
    this.ranges = ranges;
    long unit = image.driver().allocationUnitBytes();
    this.unitBytes = image.encrypted().isPresent() ? Math.max(unit, DataCipher.SECTOR_BYTES) : unit;
    long part = image.driver().mappingUnitBytes();
    this.populatedBytes = part < unit ? part : unitBytes;
  }

  /** Writes {@code length} bytes from {@code at} of {@code memory} to guest bytes at an offset. */
  <M> void write(Transfer<M> transfer, long offset, M memory, long at, long length)
      throws IOException {
    long done = 0;
    while (done < length) {
      long inPlace =
          image.encrypted().isPresent() // I6
              ? 0
              : writeInPlace(transfer, offset + done, memory, at + done, length - done);
      if (inPlace == 0) {
        writeAllocating(transfer, offset + done, memory, at + done, length - done);
        return;
      }
      done += inPlace;
    }
  }

  /**
   * Lets the node below write zeros where guest bytes may be overwritten in place.
   *
   * @return how many of the first bytes are zeros now; 0 if the first byte is not writable in place
   */
  long zeroInPlace(long offset, long length) throws IOException {
    int token = image.enterFence();
    try {
      if (!(image.map(offset, length) instanceof Mapping.Data data)
          || !data.writable()
          || image.encrypted().isPresent()) {
        return 0;
      }
      long run = Math.min(length, data.length());
      image.data().writeZeroes(data.hostOffset(), run, ZeroMode.KEEP_ALLOCATED);
      return run;
    } finally {
      image.exitFence(token);
    }
  }

  /** Takes over what shows through from below, in whole units of mapping. */
  void populate(long offset, long length) throws IOException {
    long start = Ranges.alignDown(offset, populatedBytes);
    long end = Math.min(node.size(), Ranges.alignUp(offset + length, populatedBytes));
    long pieceBytes = Math.max(unitBytes, PIECE_BYTES);
    for (long at = start; at < end; ) {
      at += populatePiece(at, Math.min(end - at, pieceBytes));
    }
  }

  /** The range is locked from the look at the mapping until it has changed: no write is lost. */
  private long populatePiece(long offset, long length) throws IOException {
    long start = Ranges.alignDown(offset, unitBytes);
    try (RangeLock.Held _ = ranges.lock(start, Ranges.alignUp(offset + length, unitBytes))) {
      Mapping mapping = image.map(offset, length);
      long run = Math.min(length, mapping.length());
      if (!(mapping instanceof Mapping.Backing)) {
        return run;
      }
      MemorySegment memory = scratch.take(run);
      try {
        MemorySegment bytes = memory.asSlice(0, run);
        boolean zeros = readOld(offset, bytes) || SegmentTransfer.INSTANCE.allZeros(bytes, run);
        announce("cor_write");
        if (zeros && (image.release(offset, run, ReleaseMode.ZERO_UNMAP) || nothingBelow())) {
          return run;
        }
        for (long done = 0; done < run; ) {
          done += writeAllocated(SegmentTransfer.INSTANCE, offset + done, bytes, done, run - done);
        }
        return run;
      } finally {
        scratch.give(memory);
      }
    }
  }

  /** Whether what the image does not hold reads as zeros, also if it cannot note that. */
  private boolean nothingBelow() {
    return node.backing().isEmpty() && image.driver().backing().isEmpty();
  }

  /** Writes the first run if it is writable in place. Returns how much was written, perhaps 0. */
  private <M> long writeInPlace(Transfer<M> transfer, long offset, M memory, long at, long length)
      throws IOException {
    int token = image.enterFence();
    try {
      if (!(image.map(offset, length) instanceof Mapping.Data data) || !data.writable()) {
        return 0;
      }
      long run = Math.min(length, data.length());
      announce("write_aio");
      transfer.write(image.data(), data.hostOffset(), memory, at, run);
      return run;
    } finally {
      image.exitFence(token);
    }
  }

  private <M> void writeAllocating(
      Transfer<M> transfer, long offset, M memory, long at, long length) throws IOException {
    long start = Ranges.alignDown(offset, unitBytes);
    long end = Ranges.alignUp(offset + length, unitBytes);
    try (RangeLock.Held _ = ranges.lock(start, end)) {
      long done = 0;
      while (done < length) {
        Mapping mapping = image.map(offset + done, length - done); // I3
        long run = Math.min(length - done, mapping.length());
        if (mapping instanceof Mapping.Data data && data.writable()) {
          announce("write_aio");
          store(transfer, data.hostOffset(), offset + done, memory, at + done, run);
        } else {
          run = writeAllocated(transfer, offset + done, memory, at + done, run);
        }
        done += run;
      }
    }
  }

  /** Allocates for the first bytes of a run that is not writable; returns how many were written. */
  private <M> long writeAllocated(Transfer<M> transfer, long offset, M memory, long at, long length)
      throws IOException {
    try (Allocation allocation = image.allocate(offset, length)) {
      long end = allocation.guestOffset() + allocation.length();
      if (allocation.guestOffset() > offset || end <= offset) {
        throw new IllegalStateException(
            "%s: driver allocated [0x%x, 0x%x) for a write at 0x%x"
                .formatted(node.name(), allocation.guestOffset(), end, offset));
      }
      long run = Math.min(length, end - offset);
      if (run == allocation.length()) {
        announce("write_aio");
        store(transfer, allocation.hostOffset(), offset, memory, at, run);
      } else if (zerosAlready(allocation)) {
        long headBytes = offset - allocation.guestOffset();
        announce("cow_read");
        announceCopy();
        transfer.write(image.data(), allocation.hostOffset() + headBytes, memory, at, run);
      } else {
        writeWithEdges(allocation, offset, transfer.segments(memory, at, run), run);
      }
      allocation.commit(); // I5
      return run;
    }
  }

  /** Writes guest bytes whose range is locked to the host bytes that are theirs. */
  private <M> void store(
      Transfer<M> transfer, long hostOffset, long guestOffset, M memory, long at, long length)
      throws IOException {
    if (image.encrypted().isPresent()) {
      List<MemorySegment> segments = transfer.segments(memory, at, length);
      image.encrypted().get().write(hostOffset, guestOffset, segments);
    } else {
      transfer.write(image.data(), hostOffset, memory, at, length);
    }
  }

  /** Fills an allocation: old bytes, the new bytes {@code [offset, offset + length)}, old bytes. */
  private void writeWithEdges(
      Allocation allocation, long offset, List<MemorySegment> data, long length)
      throws IOException {
    long headBytes = offset - allocation.guestOffset();
    long tailBytes = allocation.length() - headBytes - length;
    MemorySegment edges = scratch.take(headBytes + tailBytes);
    try {
      MemorySegment head = edges.asSlice(0, headBytes);
      MemorySegment tail = edges.asSlice(headBytes, tailBytes);
      announce("cow_read");
      boolean plainZeros = allocation.knownZero() && image.encrypted().isEmpty();
      boolean headMatters = !readOld(allocation.guestOffset(), head) || !plainZeros;
      boolean tailMatters = !readOld(offset + length, tail) || !plainZeros;
      List<MemorySegment> parts = new ArrayList<>(data.size() + 2);
      if (headMatters) {
        parts.add(head);
      }
      parts.addAll(data);
      if (tailMatters) {
        parts.add(tail);
      }
      long hostOffset = allocation.hostOffset() + (headMatters ? 0 : headBytes);
      announceCopy();
      long guestOffset = headMatters ? allocation.guestOffset() : offset;
      IoVector whole = IoVector.of(parts);
      store(VectorTransfer.INSTANCE, hostOffset, guestOffset, whole, 0, whole.byteSize());
    } finally {
      scratch.give(edges);
    }
  }

  /**
   * Whether all of an allocation reads as zeros before and after it: then there is no edge to copy.
   * False also where it would take a walk along the chain to find out.
   */
  private boolean zerosAlready(Allocation allocation) throws IOException {
    if (!allocation.knownZero() || image.encrypted().isPresent()) {
      return false;
    }
    long offset = allocation.guestOffset();
    long length = Math.min(allocation.length(), node.size() - offset);
    Mapping old = image.map(offset, length);
    return old.length() >= length
        && switch (old) {
          case Mapping.Zero _ -> true;
          case Mapping.Backing _ -> node.backing().isEmpty();
          case Mapping.Data _, Mapping.Encoded _ -> false;
        };
  }

  /** QEMU announces both, though it is one write. */
  private void announceCopy() throws IOException {
    announce("write_aio");
    announce("cow_write");
  }

  private void announce(String event) throws IOException {
    DebugEvents.of(image.data()).announce(event);
  }

  /**
   * Reads what guest bytes are before the write (I4). Past the end of the disk they are zeros.
   *
   * @return whether they are zeros that no layer stores
   */
  private boolean readOld(long offset, MemorySegment dst) throws IOException {
    long within = Math.clamp(node.size() - offset, 0, dst.byteSize());
    dst.asSlice(within).fill((byte) 0);
    MemorySegment old = dst.asSlice(0, within);
    return ChainReader.read(SegmentTransfer.INSTANCE, node, offset, old, 0, within);
  }
}

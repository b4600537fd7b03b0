package dev.platter.filter;

import dev.platter.api.IoVector;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * What lies around a request in the units that it covers in part, read before they are written as a
 * whole.
 *
 * @param head of the first unit, what lies before the request
 * @param tail of the last unit, what lies behind the request
 */
record UnitEdges(MemorySegment head, MemorySegment tail) {
  private static final UnitEdges NONE = new UnitEdges(bytes(0), bytes(0));

  /** Reads bytes that may lie behind the end, where there are zeros. */
  @FunctionalInterface
  interface Source {
    void read(long offset, MemorySegment dst) throws IOException;
  }

  /**
   * Reads the edges of a range, in one read if nothing lies between them.
   *
   * @param events takes the name of each event as it is reached
   */
  static UnitEdges read(RoundedRange range, Source source, Consumer<String> events)
      throws IOException {
    boolean head = range.headBytes() > 0;
    boolean tail = range.tailBytes() > 0;
    if (!head && !tail) {
      return NONE;
    }
    if (range.isEdgesOnly()) {
      MemorySegment whole = bytes(range.roundedEnd() - range.roundedStart());
      read(range.roundedStart(), whole, head, tail, source, events);
      return new UnitEdges(headOf(whole, range), tailOf(whole, range));
    }
    MemorySegment first = bytes(head ? range.unitBytes() : 0);
    if (head) {
      read(range.roundedStart(), first, true, false, source, events);
    }
    MemorySegment last = bytes(tail ? range.roundedEnd() - range.lastUnit() : 0);
    if (tail) {
      read(range.lastUnit(), last, false, true, source, events);
    }
    return new UnitEdges(headOf(first, range), tailOf(last, range));
  }

  private static void read(
      long offset,
      MemorySegment dst,
      boolean head,
      boolean tail,
      Source source,
      Consumer<String> events)
      throws IOException {
    if (head) {
      events.accept("pwritev_rmw_head");
    }
    if (tail) {
      events.accept("pwritev_rmw_tail");
    }
    source.read(offset, dst);
    if (head) {
      events.accept("pwritev_rmw_after_head");
    }
    if (tail) {
      events.accept("pwritev_rmw_after_tail");
    }
  }

  /** The edges with what the request writes between them. */
  IoVector around(MemorySegment written) {
    return IoVector.of(head, written, tail);
  }

  /** The head with what the request writes behind it. */
  IoVector before(MemorySegment written) {
    return IoVector.of(head, written);
  }

  /** The tail with what the request writes before it. */
  IoVector behind(MemorySegment written) {
    return IoVector.of(written, tail);
  }

  private static MemorySegment headOf(MemorySegment unit, RoundedRange range) {
    return unit.asSlice(0, range.headBytes());
  }

  private static MemorySegment tailOf(MemorySegment unit, RoundedRange range) {
    return unit.asSlice(unit.byteSize() - range.tailBytes());
  }

  private static MemorySegment bytes(long size) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
  }
}

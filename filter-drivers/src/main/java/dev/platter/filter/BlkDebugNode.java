package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.PermissionFilter;
import dev.platter.api.Permissions;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.DebugBreakpoints;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Fails requests by rules; a request that fails is not passed on. Long zero-writes and discards are
 * split first, and each piece is a request of its own.
 *
 * <p>Where {@code align} says so, a write of a part of a unit reads the unit, changes it and writes
 * it as a whole; no other read or write of the same bytes runs meanwhile. Discards and changes of
 * size do: whoever sends them beside a write cannot say which is first.
 */
final class BlkDebugNode extends ForwardingNode implements DebugBreakpoints, PermissionFilter {
  private static final int ZEROS_BYTES = 1 << 20;

  private final DebugLimits limits;
  private final DebugRules rules;
  private final DebugPermissions permissions;
  private final Breakpoints breakpoints = new Breakpoints();
  private final ConflictingRanges ranges = new ConflictingRanges();

  BlkDebugNode(
      String name,
      BlockNode below,
      DebugLimits limits,
      DebugRules rules,
      DebugPermissions permissions) {
    super(name, below);
    this.limits = limits;
    this.rules = rules;
    this.permissions = permissions;
  }

  @Override
  public Permissions permissionsBelow(Permissions asked) {
    return permissions.below(asked);
  }

  @Override
  public BlockLimits limits() {
    return limits.told();
  }

  @Override
  public void announce(String event) throws IOException {
    reach(event);
    super.announce(event);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    RoundedRange range = rounded(offset, dst.byteSize());
    try (var _ = ranges.enter(range.roundedStart(), range.roundedEnd(), false)) {
      check(DebugRule.IoType.READ, range.roundedStart(), range.roundedEnd() - range.roundedStart());
      super.read(offset, dst);
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    RoundedRange range = rounded(offset, src.byteSize());
    try (var _ = enter(range)) {
      UnitEdges edges = edgesOf(range);
      store(range.roundedStart(), range.isRounded() ? edges.around(src) : IoVector.of(src));
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    RoundedRange range = rounded(offset, length);
    try (var _ = enter(range)) {
      UnitEdges edges = edgesOf(range);
      if (range.isRounded() && range.isEdgesOnly()) {
        store(range.roundedStart(), edges.around(zeros(length)));
        return;
      }
      long from = offset;
      if (range.headBytes() > 0) {
        from = range.roundedStart() + range.unitBytes();
        store(range.roundedStart(), edges.before(zeros(from - offset)));
      }
      long end = range.tailBytes() > 0 ? range.lastUnit() : range.end();
      if (from < end || !range.isRounded()) {
        zeroUnits(from, end - from, mode);
      }
      if (end < range.end()) {
        store(end, edges.behind(zeros(range.end() - end)));
      }
    }
  }

  /** The units that a request is about; only a disk that is written can change its size. */
  private RoundedRange rounded(long offset, long length) {
    return RoundedRange.of(limits.writeUnitBytes(), offset, length, size());
  }

  private ConflictingRanges.Entered enter(RoundedRange range) {
    return ranges.enter(range.roundedStart(), range.roundedEnd(), range.isRounded());
  }

  private UnitEdges edgesOf(RoundedRange range) throws IOException {
    return UnitEdges.read(range, this::readUnit, this::reach);
  }

  private void readUnit(long offset, MemorySegment dst) throws IOException {
    check(DebugRule.IoType.READ, offset, dst.byteSize());
    long there = Math.clamp(size() - offset, 0, dst.byteSize());
    super.read(offset, dst.asSlice(0, there));
  }

  private void store(long offset, IoVector data) throws IOException {
    reach("pwritev");
    check(DebugRule.IoType.WRITE, offset, data.byteSize());
    below().write(offset, data);
    reach("pwritev_done");
  }

  private static MemorySegment zeros(long length) {
    return MemorySegment.ofArray(new byte[(int) length]);
  }

  private void zeroUnits(long offset, long length, ZeroMode mode) throws IOException {
    reach("pwritev_zero");
    long at = offset;
    do {
      long piece = limits.zeroPieces().first(at, offset + length - at);
      if (piece < limits.zeroPieces().unitBytes()) {
        storeZeroes(at, piece);
      } else {
        check(DebugRule.IoType.WRITE_ZEROES, at, piece);
        super.writeZeroes(at, piece, mode);
      }
      at += piece;
    } while (at < offset + length);
    reach("pwritev_done");
  }

  /** Zeros of less than a unit are stored as data, as by a node that can note no less. */
  private void storeZeroes(long offset, long length) throws IOException {
    check(DebugRule.IoType.WRITE, offset, length);
    MemorySegment zeros = MemorySegment.ofArray(new byte[(int) Math.min(length, ZEROS_BYTES)]);
    for (long stored = 0; stored < length; stored += zeros.byteSize()) {
      long piece = Math.min(length - stored, zeros.byteSize());
      super.write(offset + stored, zeros.asSlice(0, piece));
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    long at = offset;
    do {
      long piece = limits.discardPieces().first(at, offset + length - at);
      check(DebugRule.IoType.DISCARD, at, piece);
      super.discard(at, piece);
      at += piece;
    } while (at < offset + length);
  }

  @Override
  public void flush() throws IOException {
    check(DebugRule.IoType.FLUSH, 0, 0);
    super.flush();
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    check(DebugRule.IoType.BLOCK_STATUS, offset, length);
    return super.extent(offset, length);
  }

  @Override
  public boolean breakAt(String event, String tag, Consumer<String> notices) {
    boolean known = DebugEvents.known(event);
    if (known) {
      breakpoints.add(event, tag, notices);
    }
    return known;
  }

  @Override
  public boolean removeBreak(String tag) {
    return breakpoints.remove(tag);
  }

  @Override
  public boolean resume(String tag) {
    return breakpoints.resume(tag);
  }

  @Override
  public void awaitHeld(String tag) throws InterruptedException {
    breakpoints.awaitHeld(tag);
  }

  @Override
  public void close() throws IOException {
    breakpoints.clear();
    super.close();
  }

  private void reach(String event) {
    rules.announced(event);
    breakpoints.reached(event);
  }

  private void check(DebugRule.IoType type, long offset, long length) throws BlockIoException {
    Optional<Errno> error = rules.errorFor(type, offset, length);
    if (error.isPresent()) {
      throw new BlockIoException(
          name(),
          "injected into %s of %d bytes at 0x%x".formatted(type.word(), length, offset),
          error.get());
    }
  }
}

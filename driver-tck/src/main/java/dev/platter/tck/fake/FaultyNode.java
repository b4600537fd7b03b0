package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node that passes requests on to another and fails the ones it was told to fail.
 *
 * <p>Calls are counted from 1, by kind. A failing call throws {@link BlockIoException} and passes
 * nothing on; with {@link #tearWrites} a failing write first passes on the first half of its whole
 * sectors, as a disk that lost power would. Closing closes the node below and never fails by
 * itself.
 *
 * <p>Threads: any number. Which of two concurrent calls is the Nth is up to the threads.
 */
public sealed class FaultyNode extends ForwardingNode permits FaultyFile {
  private static final int SECTOR_BYTES = 512;

  /** The calls that can fail. */
  public enum Kind {
    READ,
    WRITE,
    WRITE_ZEROES,
    DISCARD,
    FLUSH,
    RESIZE;

    /** Every kind that changes the node below or makes it durable. */
    public static final Set<Kind> CHANGES =
        Set.copyOf(EnumSet.of(WRITE, WRITE_ZEROES, DISCARD, FLUSH, RESIZE));

    /** Every kind. */
    public static final Set<Kind> ALL = Set.copyOf(EnumSet.allOf(Kind.class));
  }

  private record Fault(Set<Kind> kinds, long first, long last, Errno errno) {}

  private final Map<Kind, Long> calls = new EnumMap<>(Kind.class);
  private final List<Fault> faults = new ArrayList<>();
  private boolean tearing;
  private long failures;

  /** A node that fails nothing yet. {@code below} is closed with it. */
  public FaultyNode(BlockNode below) {
    super(below.name(), below);
  }

  /** Fails one call: the {@code nth} of this kind from now, counted from 1. */
  public FaultyNode failNth(Kind kind, long nth, Errno errno) {
    return failNth(Set.of(kind), nth, errno);
  }

  /** Fails one call: the {@code nth} from now among all of these kinds, counted from 1. */
  public synchronized FaultyNode failNth(Set<Kind> kinds, long nth, Errno errno) {
    long ordinal = calls(kinds) + nth;
    faults.add(new Fault(Set.copyOf(kinds), ordinal, ordinal, errno));
    return this;
  }

  /** Fails the {@code nth} call of this kind from now, and all that follow. */
  public FaultyNode failFrom(Kind kind, long nth, Errno errno) {
    return failFrom(Set.of(kind), nth, errno);
  }

  /** Fails the {@code nth} call from now among all of these kinds, and all that follow. */
  public synchronized FaultyNode failFrom(Set<Kind> kinds, long nth, Errno errno) {
    faults.add(new Fault(Set.copyOf(kinds), calls(kinds) + nth, Long.MAX_VALUE, errno));
    return this;
  }

  /** Makes failing writes pass on the first half of their sectors. */
  public synchronized FaultyNode tearWrites() {
    tearing = true;
    return this;
  }

  /** Forgets every fault; the counts stay. */
  public synchronized void heal() {
    faults.clear();
  }

  /** How many calls of this kind there were, failed ones included. */
  public synchronized long calls(Kind kind) {
    return calls.getOrDefault(kind, 0L);
  }

  /** How many calls of these kinds there were, failed ones included. */
  public synchronized long calls(Set<Kind> kinds) {
    return kinds.stream().mapToLong(this::calls).sum();
  }

  /** How many calls were made to fail. */
  public synchronized long failures() {
    return failures;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    check(Kind.READ, offset, dst.byteSize());
    super.read(offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    check(Kind.READ, offset, dst.byteSize());
    below().read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    try {
      check(Kind.WRITE, offset, src.byteSize());
    } catch (BlockIoException e) {
      tear(offset, src);
      throw e;
    }
    super.write(offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    try {
      check(Kind.WRITE, offset, src.byteSize());
    } catch (BlockIoException e) {
      tear(offset, Vectors.join(src));
      throw e;
    }
    below().write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    check(Kind.WRITE_ZEROES, offset, length);
    super.writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    check(Kind.DISCARD, offset, length);
    super.discard(offset, length);
  }

  @Override
  public void flush() throws IOException {
    check(Kind.FLUSH, 0, 0);
    super.flush();
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    check(Kind.RESIZE, newSize, 0);
    super.resize(newSize, preallocation);
  }

  @Override
  public void close() throws IOException {
    below().close();
  }

  @Override
  public synchronized String toString() {
    return "FaultyNode[%s, calls %s, faults %s]".formatted(below(), calls, faults);
  }

  private synchronized void check(Kind kind, long offset, long length) throws BlockIoException {
    calls.merge(kind, 1L, Long::sum);
    for (Fault fault : faults) {
      if (!fault.kinds().contains(kind)) {
        continue;
      }
      long ordinal = calls(fault.kinds());
      if (ordinal >= fault.first() && ordinal <= fault.last()) {
        failures++;
        String what = "injected into %s of %d bytes at 0x%x".formatted(kind, length, offset);
        throw new BlockIoException(name(), what, fault.errno());
      }
    }
  }

  private void tear(long offset, MemorySegment src) throws IOException {
    long half = src.byteSize() / SECTOR_BYTES / 2 * SECTOR_BYTES;
    boolean torn;
    synchronized (this) {
      torn = tearing;
    }
    if (torn && half > 0) {
      below().write(offset, src.asSlice(0, half));
    }
  }
}

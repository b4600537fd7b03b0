package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.AmendableFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.Option;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A small format with clusters, for tests of what the graph does with any format.
 *
 * <p>The file is a header of {@link ToyHeader#BYTES}, a table with one entry of 8 bytes for each
 * cluster, and clusters. An entry is 0 (not here), or a host offset with flags in its low bits.
 */
final class ToyFormat implements FormatDriver, ResizableFormat, AmendableFormat {
  static final long ZERO = 1; // reads as zeros; a host offset says where space is reserved
  static final long ENCODED = 2; // stored with every bit inverted
  static final long SHARED = 4; // must not be overwritten in place
  static final long DAMAGED = 8;

  /** What an amendment changes. */
  static final Option<Long> SIZE = Option.size("size", 0, Long.MAX_VALUE).build();

  private static final long FLAGS = 15;
  private static final int MAX_CLUSTERS = 4096;

  private record Freed(long hostOffset, long ticket) {}

  private final BlockNode file;
  private final boolean readOnly;
  private final ReadFence fence;
  private final ToyHeader header;
  private final AtomicLongArray table = new AtomicLongArray(MAX_CLUSTERS);
  private final Deque<Freed> freed = new ArrayDeque<>(); // guarded by this
  private long endOffset; // guarded by this
  private volatile long size;
  private final AtomicLong mapCount = new AtomicLong();
  private boolean closed;

  ToyFormat(BlockNode file, ToyHeader header, boolean readOnly, ReadFence fence)
      throws IOException {
    this.file = file;
    this.header = header;
    this.readOnly = readOnly;
    this.fence = fence;
    this.size = header.size();
    byte[] stored = new byte[8 * MAX_CLUSTERS];
    int length = Math.clamp(file.size() - ToyHeader.BYTES, 0, stored.length);
    file.read(ToyHeader.BYTES, MemorySegment.ofArray(stored).asSlice(0, length));
    ByteBuffer entries = ByteBuffer.wrap(stored);
    endOffset = (long) ToyHeader.BYTES + stored.length;
    for (int i = 0; i < MAX_CLUSTERS; i++) {
      long entry = entries.getLong();
      table.set(i, entry);
      endOffset = Math.max(endOffset, (entry & ~FLAGS) + header.clusterBytes());
    }
  }

  /** Sets flags of the cluster at a guest offset. */
  void flag(long guestOffset, long flags) {
    table.accumulateAndGet(index(guestOffset), flags, (entry, more) -> entry | more);
  }

  /** How often it was asked where bytes live. */
  long mapCount() {
    return mapCount.get();
  }

  /** How many clusters wait until nobody reads them. */
  synchronized int freedCount() {
    return freed.size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE.withClusterSize(header.clusterBytes());
  }

  @Override
  public Optional<BackingReference> backing() {
    return header.backing();
  }

  @Override
  public BlockNode data() {
    return file;
  }

  @Override
  public long allocationUnitBytes() {
    return header.clusterBytes();
  }

  @Override
  public Mapping map(long guestOffset, long length) throws IOException {
    mapCount.incrementAndGet();
    long entry = table.get(index(guestOffset));
    long within = guestOffset % header.clusterBytes();
    long run = Math.min(length, header.clusterBytes() - within);
    long hostOffset = (entry & ~FLAGS) + within;
    if ((entry & DAMAGED) != 0) {
      throw new CorruptImageException("toy", "damaged entry for 0x%x".formatted(guestOffset));
    }
    if (entry == 0) {
      return new Mapping.Backing(unallocatedFrom(guestOffset, length));
    }
    if ((entry & ZERO) != 0) {
      return new Mapping.Zero(run, (entry & ~FLAGS) != 0, hostOffset);
    }
    if ((entry & ENCODED) != 0) {
      return new Mapping.Encoded(entry & ~FLAGS, run);
    }
    return new Mapping.Data(hostOffset, run, !readOnly && (entry & SHARED) == 0);
  }

  @Override
  public long backingStart(long guestOffset, long leastOffset) {
    int first = index(guestOffset);
    while (first > 0 && table.get(first - 1) == 0) {
      first--;
    }
    return Math.clamp((long) first * header.clusterBytes(), leastOffset, guestOffset);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long guestOffset, MemorySegment dst)
      throws IOException {
    file.read(encoded.token() + guestOffset % header.clusterBytes(), dst);
    for (long i = 0; i < dst.byteSize(); i++) {
      dst.set(ValueLayout.JAVA_BYTE, i, (byte) ~dst.get(ValueLayout.JAVA_BYTE, i));
    }
  }

  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    requireWritable();
    long entry = table.get(index(guestOffset));
    boolean reserved = (entry & ZERO) != 0 && (entry & ~FLAGS) != 0;
    long hostOffset = reserved ? entry & ~FLAGS : takeCluster();
    boolean fresh = !reserved && hostOffset >= file.size();
    return new ToyAllocation(index(guestOffset), hostOffset, reserved, fresh);
  }

  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    requireWritable();
    if (!header.zeroes() && mode != ReleaseMode.TO_BACKING) {
      return false;
    }
    for (long at = guestOffset; at < guestOffset + length; at += header.clusterBytes()) {
      long old = table.get(index(at));
      long host = old & ~FLAGS;
      boolean keep = mode == ReleaseMode.ZERO_KEEP && (old & (ENCODED | SHARED)) == 0;
      table.set(index(at), mode == ReleaseMode.TO_BACKING ? 0 : ZERO | (keep ? host : 0));
      if (!keep && host != 0) {
        free(host);
      }
    }
    return true;
  }

  @Override
  public void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    for (long at = newSize; at < size; at += header.clusterBytes()) {
      table.set(index(at + header.clusterBytes() - 1), 0);
    }
    long oldSize = size;
    size = newSize;
    if (newSize > oldSize) {
      try {
        growth.zero();
      } catch (IOException e) {
        size = oldSize;
        throw e;
      }
    }
  }

  @Override
  public void amend(Amendment amendment, Growth growth) throws IOException {
    resize(amendment.options().get(SIZE), Preallocation.OFF, growth);
  }

  @Override
  public void flush() throws IOException {
    if (!readOnly) {
      ByteBuffer entries = ByteBuffer.allocate(8 * MAX_CLUSTERS);
      for (int i = 0; i < MAX_CLUSTERS; i++) {
        entries.putLong(table.get(i));
      }
      file.write(ToyHeader.BYTES, entries.flip());
      file.write(0, header.withSize(size).encode());
      file.flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      flush();
    }
  }

  private synchronized long takeCluster() {
    Freed first = freed.peek();
    if (first != null && fence.passed(first.ticket())) {
      freed.remove();
      return first.hostOffset();
    }
    long hostOffset = endOffset;
    endOffset += header.clusterBytes();
    return hostOffset;
  }

  private synchronized void free(long hostOffset) {
    freed.add(new Freed(hostOffset, fence.ticket()));
  }

  private long unallocatedFrom(long guestOffset, long length) {
    int end = index(guestOffset);
    while (end < MAX_CLUSTERS && table.get(end) == 0) {
      end++;
    }
    return Math.min(length, (long) end * header.clusterBytes() - guestOffset);
  }

  private int index(long guestOffset) {
    return Math.toIntExact(guestOffset / header.clusterBytes());
  }

  private void requireWritable() throws ReadOnlyNodeException {
    if (readOnly) {
      throw new ReadOnlyNodeException(file.name());
    }
  }

  private final class ToyAllocation implements Allocation {
    private final int clusterIndex;
    private final long hostOffset;
    private final boolean reserved;
    private final boolean fresh;
    private boolean committed;

    ToyAllocation(int clusterIndex, long hostOffset, boolean reserved, boolean fresh) {
      this.clusterIndex = clusterIndex;
      this.hostOffset = hostOffset;
      this.reserved = reserved;
      this.fresh = fresh;
    }

    @Override
    public long guestOffset() {
      return (long) clusterIndex * header.clusterBytes();
    }

    @Override
    public long length() {
      return header.clusterBytes();
    }

    @Override
    public long hostOffset() {
      return hostOffset;
    }

    @Override
    public boolean knownZero() {
      return fresh;
    }

    @Override
    public void commit() {
      long old = table.getAndSet(clusterIndex, hostOffset);
      committed = true;
      if (!reserved && (old & ~FLAGS) != 0) {
        free(old & ~FLAGS);
      }
    }

    @Override
    public void close() {
      if (!committed && !reserved) {
        free(hostOffset);
      }
    }
  }
}

package dev.platter.toy;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An open image as a mapper.
 *
 * <ul>
 *   <li>I1. A table entry in the file names a cluster only after the cluster's bytes are durable:
 *       {@link #flush} copies the changed entries first, flushes the file, then writes the copy.
 *   <li>I2. A cluster that the table named is used again only when the table in the file does not
 *       name it and no reader holds it: see {@link ToyClusters}.
 *   <li>I3. No I/O happens under a lock that {@code map}, {@code allocate} or {@code release} take.
 * </ul>
 */
final class ToyFormat implements FormatDriver {
  private final ToyHeader header;
  private final BlockNode file;
  private final boolean readOnly;
  private final ToyTable table;
  private final ToyClusters clusters;
  private final Lock flushing = new ReentrantLock();
  private boolean closed;
  private boolean broken;

  private ToyFormat(ToyHeader header, FormatOpening opening, ToyTable table, ToyClusters clusters) {
    this.header = header;
    this.file = opening.file();
    this.readOnly = opening.readOnly();
    this.table = table;
    this.clusters = clusters;
  }

  static ToyFormat open(ToyHeader header, FormatOpening opening) throws IOException {
    ToyTable table = ToyTable.read(opening.file(), header);
    ToyClusters clusters =
        new ToyClusters(
            header, table, opening.file().size(), opening.imageName(), opening.readFence());
    return new ToyFormat(header, opening, table, clusters);
  }

  @Override
  public long size() {
    return header.sizeBytes();
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
  public Mapping map(long guestOffset, long length) {
    int first = clusterIndex(guestOffset);
    int last = clusterIndex(guestOffset + length - 1);
    int entry = table.entry(first);
    int next = first + 1;
    while (next <= last && continues(entry, next - first, table.entry(next))) {
      next++;
    }
    long end = Math.min(guestOffset + length, (long) next << header.clusterBits());
    long run = end - guestOffset;
    return switch (entry) {
      case ToyTable.ABSENT -> new Mapping.Backing(run);
      case ToyTable.ZERO -> new Mapping.Zero(run, false, 0);
      default ->
          new Mapping.Data(
              hostOffset(entry) + (guestOffset & (header.clusterBytes() - 1)), run, !readOnly);
    };
  }

  private static boolean continues(int entry, int distance, int other) {
    return ToyTable.isCluster(entry) ? other == entry + distance : other == entry;
  }

  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    checkWritable();
    return new ClusterAllocation(clusterIndex(guestOffset), clusters.take());
  }

  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    checkWritable();
    if (mode == ReleaseMode.ZERO_KEEP) {
      return false; // An entry cannot say "zeros, but keep the cluster": the graph writes zeros.
    }
    int entry = mode == ReleaseMode.TO_BACKING ? ToyTable.ABSENT : ToyTable.ZERO;
    int end = clusterIndex(guestOffset + length - 1) + 1;
    for (int index = clusterIndex(guestOffset); index < end; index++) {
      int old = table.replace(index, entry);
      if (ToyTable.isCluster(old)) {
        clusters.retire(old);
      }
    }
    return true;
  }

  @Override
  public void flush() throws IOException {
    flushing.lock();
    try {
      writeBack();
    } catch (IOException e) {
      broken = true; // What is in the file is unknown: nothing may be built on it, see I1 and I2.
      throw e;
    } finally {
      flushing.unlock();
    }
  }

  private void writeBack() throws IOException {
    List<ToyClusters.Retired> retired = clusters.cut();
    ToyTable.Cut changes = table.cut();
    file.flush();
    if (!changes.sectors().isEmpty()) {
      changes.write(file);
      file.flush();
    }
    clusters.durable(retired);
  }

  @Override
  public void close() throws IOException {
    flushing.lock();
    try {
      boolean unwritten = !readOnly && !closed && !broken;
      closed = true;
      if (unwritten) {
        flush();
      }
    } finally {
      flushing.unlock();
    }
  }

  private void checkWritable() throws ReadOnlyNodeException {
    if (readOnly) {
      throw new ReadOnlyNodeException(file.name());
    }
  }

  private int clusterIndex(long guestOffset) {
    return (int) (guestOffset >>> header.clusterBits());
  }

  private long hostOffset(int cluster) {
    return Integer.toUnsignedLong(cluster) << header.clusterBits();
  }

  /** One cluster that waits to be linked. */
  private final class ClusterAllocation implements Allocation {
    private final int index;
    private final int cluster;
    private boolean committed;

    ClusterAllocation(int index, int cluster) {
      this.index = index;
      this.cluster = cluster;
    }

    @Override
    public long guestOffset() {
      return (long) index << header.clusterBits();
    }

    @Override
    public long length() {
      return Math.min(header.clusterBytes(), size() - guestOffset());
    }

    @Override
    public long hostOffset() {
      return ToyFormat.this.hostOffset(cluster);
    }

    @Override
    public void commit() {
      int old = table.replace(index, cluster);
      committed = true;
      if (ToyTable.isCluster(old)) {
        clusters.retire(old);
      }
    }

    @Override
    public void close() {
      if (!committed) {
        clusters.giveBack(cluster);
      }
    }
  }
}

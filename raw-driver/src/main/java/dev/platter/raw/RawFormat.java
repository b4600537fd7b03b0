package dev.platter.raw;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;

/**
 * A disk whose bytes lie in a file as they are, from {@code offset} on.
 *
 * <p>The disk has whole sectors, the file need not: the rest of the last sector reads as zeros, and
 * is added to the file when it is first written.
 */
final class RawFormat implements FormatDriver, ResizableFormat {
  static final int SECTOR_BYTES = 512;

  private final BlockNode file;
  private final RawExtent extent;
  private final boolean readOnly;
  private volatile long sizeBytes;
  private boolean closed;

  RawFormat(BlockNode file, RawExtent extent, boolean readOnly) {
    this.file = file;
    this.extent = extent;
    this.readOnly = readOnly;
    this.sizeBytes = extent.sizeBytes();
  }

  @Override
  public long size() {
    return sizeBytes;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public BlockNode data() {
    return file;
  }

  @Override
  public Mapping map(long guestOffset, long length) {
    long stored = storedBytes();
    return guestOffset < stored
        ? new Mapping.Data(
            hostOffset(guestOffset), Math.min(length, stored - guestOffset), !readOnly)
        : new Mapping.Zero(length, false, 0);
  }

  /** Reserves the end of the last sector, which the file gains by being written there. */
  @Override
  public Allocation allocate(long guestOffset, long length) throws IOException {
    if (readOnly) {
      throw new ReadOnlyNodeException(file.name());
    }
    return new EndOfFile(guestOffset, length, hostOffset(guestOffset));
  }

  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    if (mode == ReleaseMode.TO_BACKING) {
      return false;
    }
    long stored = Math.clamp(storedBytes() - guestOffset, 0, length);
    if (stored > 0) {
      releaseStored(hostOffset(guestOffset), stored, mode);
    }
    return true;
  }

  private void releaseStored(long hostOffset, long length, ReleaseMode mode) throws IOException {
    switch (mode) {
      case ZERO_KEEP -> file.writeZeroes(hostOffset, length, ZeroMode.KEEP_ALLOCATED);
      case ZERO_UNMAP -> file.writeZeroes(hostOffset, length, ZeroMode.MAY_UNMAP);
      case DISCARD -> file.discard(hostOffset, length);
      case TO_BACKING -> throw new IllegalArgumentException("a raw disk has no backing file");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedFeatureException if the disk's size was fixed by the option {@code size}
   */
  @Override
  public void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    if (extent.fixed()) {
      throw new UnsupportedFeatureException("Cannot resize fixed-size raw disks");
    }
    if (newSize > Long.MAX_VALUE - SECTOR_BYTES - extent.offset()) {
      throw new UnsupportedFeatureException("Disk size too large for the chosen offset");
    }
    long oldSize = sizeBytes;
    changeSize(newSize, preallocation);
    if (sizeBytes > oldSize) {
      try {
        growth.zero();
      } catch (IOException e) {
        changeSize(oldSize, Preallocation.OFF);
        throw e;
      }
    }
  }

  private void changeSize(long newSize, Preallocation preallocation) throws IOException {
    file.resize(hostOffset(newSize), preallocation);
    sizeBytes = Ranges.alignUp(newSize, SECTOR_BYTES);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      file.flush();
    }
  }

  private long hostOffset(long guestOffset) {
    return extent.offset() + guestOffset;
  }

  /** How many bytes of the disk the file holds; the others are zeros. */
  private long storedBytes() {
    return Math.clamp(file.size() - extent.offset(), 0, sizeBytes);
  }

  /** Space beyond the end of the file: there is nothing to link, and nothing to give back. */
  private record EndOfFile(long guestOffset, long length, long hostOffset) implements Allocation {
    @Override
    public boolean knownZero() {
      return true;
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }
}

package dev.platter.harness.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The physical memory of a guest: regions of it, each backed by a memory segment, with holes
 * between them.
 *
 * <p>Every address and length that is passed in may come from a guest and is checked, without
 * overflow; addresses are unsigned 64-bit values, of which only those below 2^63 can be backed. A
 * range may cross from one region into the next if they are adjacent.
 *
 * <p>Multi-byte values are little-endian. Threads: any; guest memory is shared with the guest, so
 * concurrent plain accesses may tear. Whoever made the segments frees them, after every device that
 * uses this memory has been reset or closed.
 */
public final class GuestMemory {
  /** Guest addresses and sizes of regions are multiples of this many bytes. */
  public static final int REGION_ALIGNMENT_BYTES = 16;

  /** What a segment's base must be aligned to, for atomic accesses to rings. */
  private static final int HOST_ALIGNMENT_BYTES = 8;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Region[] regions;

  private GuestMemory(Region[] regions) {
    this.regions = regions;
  }

  /**
   * A range of guest addresses with memory behind it.
   *
   * @param guestAddress its first guest physical address, a multiple of {@link
   *     #REGION_ALIGNMENT_BYTES}, not negative
   * @param memory writable, native or on a {@code long[]}, so that it is aligned to 8 bytes; its
   *     size is a multiple of {@link #REGION_ALIGNMENT_BYTES}, at least one
   */
  public record Region(long guestAddress, MemorySegment memory) {
    public Region {
      long size = memory.byteSize();
      if (guestAddress < 0 || guestAddress % REGION_ALIGNMENT_BYTES != 0) {
        throw new IllegalArgumentException("guest address 0x%x".formatted(guestAddress));
      }
      if (size == 0 || size % REGION_ALIGNMENT_BYTES != 0 || size > Long.MAX_VALUE - guestAddress) {
        throw new IllegalArgumentException(size + " bytes at 0x%x".formatted(guestAddress));
      }
      if (memory.isReadOnly()
          || memory.maxByteAlignment() < HOST_ALIGNMENT_BYTES
          || memory.address() % HOST_ALIGNMENT_BYTES != 0) {
        throw new IllegalArgumentException("guest memory must be writable and 8-byte aligned");
      }
    }

    long end() {
      return guestAddress + memory.byteSize();
    }

    boolean contains(long address, long length) {
      long offset = address - guestAddress;
      return offset >= 0 && length >= 0 && length <= memory.byteSize() - offset;
    }
  }

  /**
   * Memory of these regions.
   *
   * @param regions at least one, in any order
   * @throws IllegalArgumentException if there is none, or if two overlap
   */
  public static GuestMemory of(Region... regions) {
    if (regions.length == 0) {
      throw new IllegalArgumentException("guest memory without a region");
    }
    Region[] sorted = regions.clone();
    Arrays.sort(sorted, Comparator.comparingLong(Region::guestAddress));
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i].guestAddress() < sorted[i - 1].end()) {
        throw new IllegalArgumentException(
            "guest memory overlaps at 0x%x".formatted(sorted[i].guestAddress()));
      }
    }
    return new GuestMemory(sorted);
  }

  /**
   * One region of zeroed native memory at guest address 0.
   *
   * @param arena frees it
   * @param byteCount a multiple of {@link #REGION_ALIGNMENT_BYTES}
   */
  public static GuestMemory allocate(Arena arena, long byteCount) {
    return of(new Region(0, arena.allocate(byteCount, 4096)));
  }

  /** The regions, by ascending guest address. */
  public List<Region> regions() {
    return List.of(regions);
  }

  /** Whether all of the range is memory; ranges may cross adjacent regions. */
  public boolean contains(long guestAddress, long length) {
    if (length < 0) {
      return false;
    }
    long at = guestAddress;
    long left = length;
    for (Region region : regions) {
      if (region.contains(at, left)) {
        return true;
      }
      if (region.contains(at, 0) && at < region.end()) {
        left -= region.end() - at;
        at = region.end();
      }
    }
    return false;
  }

  /**
   * The bytes of a range that lies within one region, as a segment that shares them.
   *
   * @throws GuestMemoryException if the range does not lie wholly in one region
   */
  public MemorySegment slice(long guestAddress, long length) throws GuestMemoryException {
    for (Region region : regions) {
      if (region.contains(guestAddress, length)) {
        return region.memory().asSlice(guestAddress - region.guestAddress(), length);
      }
    }
    throw new GuestMemoryException(guestAddress, length);
  }

  /**
   * Appends to {@code into} the segments that share the bytes of a range: one, or several where it
   * crosses regions; none for a length of 0.
   *
   * @throws GuestMemoryException if part of the range is not memory; {@code into} is as it was
   */
  public void slices(long guestAddress, long length, List<MemorySegment> into)
      throws GuestMemoryException {
    if (!contains(guestAddress, length)) {
      throw new GuestMemoryException(guestAddress, length);
    }
    long at = guestAddress;
    long left = length;
    for (Region region : regions) {
      if (left > 0 && at >= region.guestAddress() && at < region.end()) {
        long take = Math.min(left, region.end() - at);
        into.add(region.memory().asSlice(at - region.guestAddress(), take));
        at += take;
        left -= take;
      }
    }
  }

  /** The eight bytes at any address, aligned or not, as a little-endian number. */
  public long readLong(long guestAddress) throws GuestMemoryException {
    for (Region region : regions) {
      if (region.contains(guestAddress, Long.BYTES)) {
        return region.memory().get(LONG, guestAddress - region.guestAddress());
      }
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Long.BYTES]);
    read(guestAddress, bytes);
    return bytes.get(LONG, 0);
  }

  /** Writes one byte. */
  public void writeByte(long guestAddress, byte value) throws GuestMemoryException {
    for (Region region : regions) {
      if (region.contains(guestAddress, 1)) {
        region.memory().set(ValueLayout.JAVA_BYTE, guestAddress - region.guestAddress(), value);
        return;
      }
    }
    throw new GuestMemoryException(guestAddress, 1);
  }

  /** Copies guest memory into all of {@code dst}. */
  public void read(long guestAddress, MemorySegment dst) throws GuestMemoryException {
    requireContains(guestAddress, dst.byteSize());
    long done = 0;
    while (done < dst.byteSize()) {
      Region region = regionOf(guestAddress + done);
      long offset = guestAddress + done - region.guestAddress();
      long take = Math.min(dst.byteSize() - done, region.memory().byteSize() - offset);
      MemorySegment.copy(region.memory(), offset, dst, done, take);
      done += take;
    }
  }

  /** Copies all of {@code src} into guest memory. */
  public void write(long guestAddress, MemorySegment src) throws GuestMemoryException {
    requireContains(guestAddress, src.byteSize());
    long done = 0;
    while (done < src.byteSize()) {
      Region region = regionOf(guestAddress + done);
      long offset = guestAddress + done - region.guestAddress();
      long take = Math.min(src.byteSize() - done, region.memory().byteSize() - offset);
      MemorySegment.copy(src, done, region.memory(), offset, take);
      done += take;
    }
  }

  private void requireContains(long guestAddress, long length) throws GuestMemoryException {
    if (!contains(guestAddress, length)) {
      throw new GuestMemoryException(guestAddress, length);
    }
  }

  private Region regionOf(long guestAddress) throws GuestMemoryException {
    for (Region region : regions) {
      if (region.contains(guestAddress, 1)) {
        return region;
      }
    }
    throw new GuestMemoryException(guestAddress, 1);
  }
}

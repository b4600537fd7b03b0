package dev.platter.harness.blk;

import dev.platter.harness.virtio.DescriptorChain;
import dev.platter.harness.virtio.VirtqueueException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a guest asks for, decoded from a copy of its bytes. Sectors are of 512 bytes whatever the
 * logical block size is, and unsigned; whether they lie on the disk is checked later, against the
 * disk's size at that time.
 */
public sealed interface VirtioBlkRequest {
  /** Bytes of a sector. */
  int SECTOR_BYTES = 512;

  /** Bytes of the header: type, reserved, sector. */
  int HEADER_BYTES = 16;

  /** Bytes of a range of DISCARD and WRITE_ZEROES. */
  int RANGE_BYTES = 16;

  /** The type codes. */
  int TYPE_IN = 0;

  int TYPE_OUT = 1;
  int TYPE_FLUSH = 4;
  int TYPE_GET_ID = 8;
  int TYPE_DISCARD = 11;
  int TYPE_WRITE_ZEROES = 13;

  /** Fill {@code byteCount} bytes of guest memory from this sector on. */
  record Read(long sector, long byteCount) implements VirtioBlkRequest {}

  /** Write {@code byteCount} bytes of guest memory from this sector on. */
  record Write(long sector, long byteCount) implements VirtioBlkRequest {}

  /** Make completed writes durable. */
  record Flush() implements VirtioBlkRequest {}

  /** The contents of these ranges are not needed any more. */
  record Discard(List<SectorRange> ranges) implements VirtioBlkRequest {}

  /** Make these ranges read as zeros. */
  record WriteZeroes(List<SectorRange> ranges) implements VirtioBlkRequest {}

  /** Write the serial number to guest memory, of which there are {@code byteCount} bytes. */
  record GetId(long byteCount) implements VirtioBlkRequest {}

  /** A type that the device does not know or has not negotiated. */
  record Unsupported(int type) implements VirtioBlkRequest {}

  /**
   * A range of sectors.
   *
   * @param flags bit 0 asks to unmap; the others are reserved
   */
  record SectorRange(long sector, long sectorCount, int flags) {
    /** The flag that allows WRITE_ZEROES to give space back. */
    public static final int UNMAP = 1;

    boolean unmap() {
      return (flags & UNMAP) != 0;
    }
  }

  /**
   * Decodes a request. Header, data and status may be cut into buffers in any way.
   *
   * @param features what was negotiated
   * @param maxRanges the most ranges allowed; at most one more is decoded
   * @throws VirtqueueException if there is no room for header or status: it cannot be answered
   */
  static VirtioBlkRequest parse(DescriptorChain chain, long features, int maxRanges)
      throws VirtqueueException {
    if (chain.readableCount() == 0 || chain.writableCount() == 0) {
      throw new VirtqueueException("virtio-blk missing headers");
    }
    if (chain.readableBytes() < HEADER_BYTES) {
      throw new VirtqueueException("virtio-blk request outhdr too short");
    }
    int type = (int) chain.readLong(0);
    long sector = chain.readLong(8);
    return switch (type) {
      case TYPE_IN -> new Read(sector, chain.writableBytes() - 1);
      case TYPE_OUT -> new Write(sector, chain.readableBytes() - HEADER_BYTES);
      case TYPE_FLUSH -> new Flush();
      case TYPE_GET_ID -> new GetId(chain.writableBytes() - 1);
      case TYPE_DISCARD ->
          (features & BlkFeatures.DISCARD) == 0
              ? new Unsupported(type)
              : new Discard(ranges(chain, maxRanges));
      case TYPE_WRITE_ZEROES ->
          (features & BlkFeatures.WRITE_ZEROES) == 0
              ? new Unsupported(type)
              : new WriteZeroes(ranges(chain, maxRanges));
      default -> new Unsupported(type);
    };
  }

  private static List<SectorRange> ranges(DescriptorChain chain, int maxRanges)
      throws VirtqueueException {
    long payload = chain.readableBytes() - HEADER_BYTES;
    if (payload == 0 || payload % RANGE_BYTES != 0) {
      throw new VirtqueueException("virtio-blk discard/write_zeroes header too short");
    }
    int count = (int) Math.min(payload / RANGE_BYTES, maxRanges + 1L);
    List<SectorRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = HEADER_BYTES + (long) i * RANGE_BYTES;
      long rest = chain.readLong(at + 8);
      ranges.add(new SectorRange(chain.readLong(at), rest & 0xffff_ffffL, (int) (rest >>> 32)));
    }
    return List.copyOf(ranges);
  }
}

package dev.platter.harness.blk;

import java.util.List;

/**
 * What a guest asks for, as a value. Sectors are of 512 bytes whatever the logical block size is,
 * and unsigned; whether they lie on the disk is checked later, against the disk's size at that
 * time.
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
}

package dev.platter.harness.guest;

import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.VirtioBlkRequest;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.memory.GuestMemoryException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The guest memory of one request: header, data and status, side by side, the data aligned to
 * {@link #DATA_ALIGNMENT_BYTES}. Reusable once the device has given it back.
 *
 * <p>Threads: one at a time.
 */
public final class GuestRequest {
  /** Bytes of the header. */
  public static final int HEADER_BYTES = VirtioBlkRequest.HEADER_BYTES;

  /** What data is aligned to in guest memory. */
  public static final int DATA_ALIGNMENT_BYTES = 4096;

  private static final int SERIAL_BYTES = 20;
  private static final byte NOT_ANSWERED = (byte) 0xff;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final long dataAddress;
  private final int capacityBytes;

  /** Header, data and status. */
  private final MemorySegment bytes;

  private final MemorySegment buffer;

  private int type;
  private int dataBytes;
  private long sector;
  private int usedBytes;
  private long tag;
  private long submittedNanos;

  GuestRequest(MockGuest guest, int capacityBytes) {
    this.capacityBytes = capacityBytes;
    long block = guest.allocate(DATA_ALIGNMENT_BYTES + capacityBytes + 1L, DATA_ALIGNMENT_BYTES);
    this.dataAddress = block + DATA_ALIGNMENT_BYTES;
    this.bytes = slice(guest.memory(), headerAddress(), HEADER_BYTES + capacityBytes + 1L);
    this.buffer = bytes.asSlice(HEADER_BYTES, capacityBytes);
  }

  private static MemorySegment slice(GuestMemory memory, long address, long length) {
    try {
      return memory.slice(address, length);
    } catch (GuestMemoryException e) {
      throw new IllegalStateException(e); // it was just allocated there
    }
  }

  /** Makes this a request to read {@code byteCount} bytes, at most the capacity. */
  public GuestRequest read(long sector, int byteCount) {
    return prepare(VirtioBlkRequest.TYPE_IN, sector, byteCount);
  }

  /** Makes this a request to write the first {@code byteCount} bytes of {@link #buffer()}. */
  public GuestRequest write(long sector, int byteCount) {
    return prepare(VirtioBlkRequest.TYPE_OUT, sector, byteCount);
  }

  /** Makes this a request to flush. */
  public GuestRequest flush() {
    return prepare(VirtioBlkRequest.TYPE_FLUSH, 0, 0);
  }

  /** Makes this a request for the serial number. */
  public GuestRequest identify() {
    return prepare(VirtioBlkRequest.TYPE_GET_ID, 0, SERIAL_BYTES);
  }

  /** Makes this a request to discard a range. */
  public GuestRequest discard(long sector, int sectorCount) {
    range(sector, sectorCount, 0);
    return prepare(VirtioBlkRequest.TYPE_DISCARD, 0, VirtioBlkRequest.RANGE_BYTES);
  }

  /** Makes this a request to zero a range. */
  public GuestRequest writeZeroes(long sector, int sectorCount, boolean unmap) {
    range(sector, sectorCount, unmap ? VirtioBlkRequest.SectorRange.UNMAP : 0);
    return prepare(VirtioBlkRequest.TYPE_WRITE_ZEROES, 0, VirtioBlkRequest.RANGE_BYTES);
  }

  /**
   * Makes this a request of any kind, legal or not.
   *
   * @param type the type code; data of IN and GET_ID is written by the device, other data read
   */
  public GuestRequest prepare(int type, long sector, int byteCount) {
    if (byteCount < 0 || byteCount > capacityBytes) {
      throw new IllegalArgumentException(byteCount + " bytes in a buffer of " + capacityBytes);
    }
    this.type = type;
    this.sector = sector;
    this.dataBytes = byteCount;
    bytes.set(INT, 0, type);
    bytes.set(INT, 4, 0);
    bytes.set(LONG, 8, sector);
    bytes.set(ValueLayout.JAVA_BYTE, HEADER_BYTES + (long) byteCount, NOT_ANSWERED);
    return this;
  }

  private void range(long sector, int sectorCount, int flags) {
    buffer.set(LONG, 0, sector);
    buffer.set(INT, 8, sectorCount);
    buffer.set(INT, 12, flags);
  }

  /** The request's data: {@link #dataBytes()} bytes of guest memory. */
  public MemorySegment data() {
    return dataBytes == capacityBytes ? buffer : buffer.asSlice(0, dataBytes);
  }

  /** All the memory there is for data. */
  public MemorySegment buffer() {
    return buffer;
  }

  /** The first sector, of 512 bytes. */
  public long sector() {
    return sector;
  }

  /** The type code. */
  public int type() {
    return type;
  }

  /** Bytes of data, besides header and status. */
  public int dataBytes() {
    return dataBytes;
  }

  /** The status byte that the device wrote. */
  public BlkStatus status() {
    byte code = bytes.get(ValueLayout.JAVA_BYTE, HEADER_BYTES + (long) dataBytes);
    return switch (code) {
      case 0 -> BlkStatus.OK;
      case 1 -> BlkStatus.IOERR;
      case 2 -> BlkStatus.UNSUPP;
      default -> throw new IllegalStateException("status byte 0x%x".formatted(code));
    };
  }

  /** Whether the device has written a status since the request was prepared. */
  public boolean answered() {
    return bytes.get(ValueLayout.JAVA_BYTE, HEADER_BYTES + (long) dataBytes) != NOT_ANSWERED;
  }

  /** How many bytes the device says to have written, from the front. */
  public int usedBytes() {
    return usedBytes;
  }

  void setUsedBytes(int usedBytes) {
    this.usedBytes = usedBytes;
  }

  /** A number that the caller keeps with the request. */
  public long tag() {
    return tag;
  }

  /** Keeps a number with the request. */
  public void setTag(long tag) {
    this.tag = tag;
  }

  /** {@link System#nanoTime} when the request was offered. */
  public long submittedNanos() {
    return submittedNanos;
  }

  void setSubmittedNanos(long submittedNanos) {
    this.submittedNanos = submittedNanos;
  }

  long headerAddress() {
    return dataAddress - HEADER_BYTES;
  }

  long dataAddress() {
    return dataAddress;
  }

  long statusAddress() {
    return dataAddress + dataBytes;
  }

  boolean deviceWritesData() {
    return type == VirtioBlkRequest.TYPE_IN || type == VirtioBlkRequest.TYPE_GET_ID;
  }

  int readableBytes() {
    return deviceWritesData() ? HEADER_BYTES : HEADER_BYTES + dataBytes;
  }

  long writableAddress() {
    return deviceWritesData() ? dataAddress : statusAddress();
  }

  int writableBytes() {
    return deviceWritesData() ? dataBytes + 1 : 1;
  }

  @Override
  public String toString() {
    return "request type %d, sector 0x%x, %d bytes".formatted(type, sector, dataBytes);
  }
}

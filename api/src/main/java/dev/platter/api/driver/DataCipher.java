package dev.platter.api.driver;

import java.lang.foreign.MemorySegment;

/**
 * What lies between guest bytes and the bytes of a {@link FormatDriver#data() data node}, where a
 * format stores them encrypted: same length, sector by sector, each sector's result depending on
 * where it lies.
 *
 * <p>Threads: any number.
 */
public interface DataCipher {
  /** Bytes that are transformed together; offsets and lengths are multiples of it. */
  int SECTOR_BYTES = 512;

  /**
   * Encrypts whole sectors.
   *
   * @param hostOffset where the first byte will lie in the data node
   * @param guestOffset the guest offset of the first byte
   * @param plain the guest's bytes
   * @param stored takes as many bytes; may be the same memory
   */
  void encrypt(long hostOffset, long guestOffset, MemorySegment plain, MemorySegment stored);

  /** Decrypts whole sectors; the reverse of {@link #encrypt}. */
  void decrypt(long hostOffset, long guestOffset, MemorySegment stored, MemorySegment plain);
}

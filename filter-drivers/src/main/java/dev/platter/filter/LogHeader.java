package dev.platter.filter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The records of the kernel's dm-log-writes format, all little-endian.
 *
 * <p>The first sector of a log is the super block; each entry has a sector of its own, with the
 * text of a mark behind its fields, and behind it the sectors that were written. Sectors are those
 * of the log.
 */
final class LogHeader {
  static final long MAGIC = 0x6a736677736872L;
  static final long VERSION = 1;
  static final int ENTRY_BYTES = 32;

  static final long FLUSH = 1;
  static final long FUA = 1 << 1;
  static final long DISCARD = 1 << 2;
  static final long MARK = 1 << 3;
  static final long KNOWN_FLAGS = FLUSH | FUA | DISCARD | MARK;

  private static final int SUPER_BYTES = 28;

  private LogHeader() {}

  /**
   * The super block.
   *
   * @param entryCount entries that are certainly in the log
   */
  record Super(long magic, long version, long entryCount, int sectorBytes) {

    static Super of(long entryCount, int sectorBytes) {
      return new Super(MAGIC, VERSION, entryCount, sectorBytes);
    }

    static Super decode(ByteBuffer sector) {
      ByteBuffer fields = sector.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      return new Super(fields.getLong(), fields.getLong(), fields.getLong(), fields.getInt());
    }

    /** A whole sector. */
    byte[] encode() {
      byte[] sector = new byte[Math.max(sectorBytes, SUPER_BYTES)];
      ByteBuffer.wrap(sector)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(magic)
          .putLong(version)
          .putLong(entryCount)
          .putInt(sectorBytes);
      return sector;
    }
  }

  /**
   * An entry.
   *
   * @param sectorIndex first sector of the request
   * @param sectorCount its length
   * @param flags bits such as {@link #FLUSH}
   * @param textBytes length of a mark's text
   */
  record Entry(long sectorIndex, long sectorCount, long flags, long textBytes) {

    static Entry decode(ByteBuffer sector) {
      ByteBuffer fields = sector.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      return new Entry(fields.getLong(), fields.getLong(), fields.getLong(), fields.getLong());
    }

    void encode(ByteBuffer sector) {
      sector
          .duplicate()
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(sectorIndex)
          .putLong(sectorCount)
          .putLong(flags)
          .putLong(textBytes);
    }

    boolean has(long flag) {
      return (flags & flag) != 0;
    }

    /** Sectors of the log that the entry takes up, its own among them. */
    long logSectorCount() {
      return 1 + (has(DISCARD) ? 0 : sectorCount);
    }
  }
}

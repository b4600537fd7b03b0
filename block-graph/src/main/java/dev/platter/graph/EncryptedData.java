package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Ranges;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.DebugEvents;
import dev.platter.api.driver.FormatDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The bytes of an image that stores them encrypted: moves guest bytes through its cipher.
 *
 * <ul>
 *   <li>I1: what the node below is given to write is encrypted already.
 *   <li>I2: a part of a sector is written by reading, decrypting, changing and encrypting all of
 *       it. So writers hold the range lock, also of what is writable in place.
 * </ul>
 *
 * <p>Threads: any.
 */
final class EncryptedData {
  private static final long SECTOR_BYTES = DataCipher.SECTOR_BYTES;
  private static final long MAX_PIECE_BYTES = 1 << 20;

  private final FormatDriver driver;
  private final DataCipher cipher;
  private final ScratchMemory scratch = new ScratchMemory();

  EncryptedData(FormatDriver driver, DataCipher cipher) {
    this.driver = driver;
    this.cipher = cipher;
  }

  /** Reads and decrypts guest bytes; what lies past the end of the file is stored as zeros. */
  <M> void read(
      Transfer<M> transfer, long hostOffset, long guestOffset, M memory, long at, long length)
      throws IOException {
    DebugEvents.of(driver.data()).announce("read_aio");
    List<MemorySegment> segments = transfer.segments(memory, at, length);
    if (segments.size() == 1 && isWhole(guestOffset, length)) {
      readSectors(hostOffset, guestOffset, segments.getFirst());
      return;
    }
    SegmentCursor target = new SegmentCursor(segments);
    long done = 0;
    while (done < length) {
      long offset = guestOffset + done;
      long skipped = offset % SECTOR_BYTES;
      long run = Math.min(length - done, MAX_PIECE_BYTES - skipped);
      long pieceBytes = Ranges.alignUp(skipped + run, SECTOR_BYTES);
      MemorySegment taken = scratch.take(pieceBytes);
      try {
        MemorySegment piece = taken.asSlice(0, pieceBytes);
        readSectors(hostOffset + done - skipped, offset - skipped, piece);
        target.put(piece.asSlice(skipped, run));
      } finally {
        scratch.give(taken);
      }
      done += run;
    }
  }

  /** Encrypts and writes guest bytes; the caller holds their range (I2). */
  void write(long hostOffset, long guestOffset, List<MemorySegment> segments) throws IOException {
    long length = segments.stream().mapToLong(MemorySegment::byteSize).sum();
    SegmentCursor source = new SegmentCursor(segments);
    long done = 0;
    while (done < length) {
      long offset = guestOffset + done;
      long skipped = offset % SECTOR_BYTES;
      long run = Math.min(length - done, MAX_PIECE_BYTES - skipped);
      writePiece(hostOffset + done - skipped, offset - skipped, skipped, run, source);
      done += run;
    }
  }

  /** Writes {@code run} bytes, {@code skipped} bytes behind a sector's beginning. */
  private void writePiece(
      long hostOffset, long guestOffset, long skipped, long run, SegmentCursor source)
      throws IOException {
    long pieceBytes = Ranges.alignUp(skipped + run, SECTOR_BYTES);
    MemorySegment taken = scratch.take(pieceBytes);
    try {
      MemorySegment piece = taken.asSlice(0, pieceBytes);
      long lastSector = pieceBytes - SECTOR_BYTES;
      boolean headOld = skipped > 0;
      boolean tailOld = skipped + run < pieceBytes && !(headOld && lastSector == 0);
      if (headOld) {
        readSectors(hostOffset, guestOffset, piece.asSlice(0, SECTOR_BYTES));
      }
      if (tailOld) {
        readSectors(
            hostOffset + lastSector,
            guestOffset + lastSector,
            piece.asSlice(lastSector, SECTOR_BYTES));
      }
      source.take(piece.asSlice(skipped, run));
      cipher.encrypt(hostOffset, guestOffset, piece, piece);
      driver.data().write(hostOffset, piece); // I1
    } finally {
      scratch.give(taken);
    }
  }

  private void readSectors(long hostOffset, long guestOffset, MemorySegment dst)
      throws IOException {
    BlockNode file = driver.data();
    long stored = Math.clamp(file.size() - hostOffset, 0, dst.byteSize());
    if (stored > 0) {
      file.read(hostOffset, dst.asSlice(0, stored));
    }
    dst.asSlice(stored).fill((byte) 0);
    cipher.decrypt(hostOffset, guestOffset, dst, dst);
  }

  private static boolean isWhole(long offset, long length) {
    return offset % SECTOR_BYTES == 0 && length % SECTOR_BYTES == 0;
  }

  /** Goes through segments from the first byte to the last. */
  private static final class SegmentCursor {
    private final List<MemorySegment> segments;
    private int index;
    private long at;

    SegmentCursor(List<MemorySegment> segments) {
      this.segments = segments;
    }

    /** Copies the next bytes to all of {@code dst}. */
    void take(MemorySegment dst) {
      for (long done = 0; done < dst.byteSize(); ) {
        MemorySegment part = next(dst.byteSize() - done);
        MemorySegment.copy(part, 0, dst, done, part.byteSize());
        done += part.byteSize();
      }
    }

    /** Copies all of {@code src} over the next bytes. */
    void put(MemorySegment src) {
      for (long done = 0; done < src.byteSize(); ) {
        MemorySegment part = next(src.byteSize() - done);
        MemorySegment.copy(src, done, part, 0, part.byteSize());
        done += part.byteSize();
      }
    }

    private MemorySegment next(long most) {
      while (at == segments.get(index).byteSize()) {
        index++;
        at = 0;
      }
      MemorySegment segment = segments.get(index);
      MemorySegment part = segment.asSlice(at, Math.min(most, segment.byteSize() - at));
      at += part.byteSize();
      return part;
    }
  }
}

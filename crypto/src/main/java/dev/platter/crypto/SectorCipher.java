package dev.platter.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Encrypts and decrypts sectors with one key, in any memory.
 *
 * <p>Threads: any number; each uses a lane of its own, which is kept for the next one. The JDK's
 * ciphers keep copies of the key that cannot be zeroed; the copy made here is, by closing.
 */
public final class SectorCipher implements AutoCloseable {
  /** Bytes of a sector. */
  public static final int SECTOR_BYTES = 512;

  private static final int PIECE_BYTES = SectorTransform.MAX_SECTORS * SECTOR_BYTES;

  @SuppressWarnings("ArrayRecordComponent") // used by one thread at a time
  private record Lane(SectorTransform transform, byte[] bytes) {}

  private final CipherSpec spec;
  private final byte[] key;
  private final ConcurrentLinkedQueue<Lane> lanes = new ConcurrentLinkedQueue<>();

  /**
   * A cipher.
   *
   * @param key {@link CipherSpec#keyBytes()} bytes; copied
   */
  public SectorCipher(CipherSpec spec, byte[] key) {
    if (key.length != spec.keyBytes()) {
      throw new IllegalArgumentException(
          "a key of %d bytes instead of %d".formatted(key.length, spec.keyBytes()));
    }
    this.spec = spec;
    this.key = key.clone();
  }

  /**
   * Encrypts whole sectors.
   *
   * @param sector the number of the first, as the initialization vectors count
   * @param plain what is encrypted: a multiple of {@link #SECTOR_BYTES}
   * @param stored takes as many bytes; may be the same memory
   */
  public void encrypt(long sector, MemorySegment plain, MemorySegment stored) {
    transform(true, sector, plain, stored);
  }

  /** Decrypts whole sectors; the reverse of {@link #encrypt}. */
  public void decrypt(long sector, MemorySegment stored, MemorySegment plain) {
    transform(false, sector, stored, plain);
  }

  /** Encrypts sectors in place. */
  void encrypt(long sector, byte[] sectors) {
    encrypt(sector, MemorySegment.ofArray(sectors), MemorySegment.ofArray(sectors));
  }

  /** Decrypts sectors in place. */
  void decrypt(long sector, byte[] sectors) {
    decrypt(sector, MemorySegment.ofArray(sectors), MemorySegment.ofArray(sectors));
  }

  private void transform(boolean encrypts, long sector, MemorySegment from, MemorySegment to) {
    long length = from.byteSize();
    if (length % SECTOR_BYTES != 0 || to.byteSize() != length) {
      throw new IllegalArgumentException(
          "%d bytes to %d are not whole sectors".formatted(length, to.byteSize()));
    }
    Lane lane = lanes.poll();
    if (lane == null) {
      lane = new Lane(SectorTransform.of(spec, key), new byte[PIECE_BYTES]);
    }
    for (long at = 0; at < length; at += PIECE_BYTES) {
      int pieceBytes = (int) Math.min(PIECE_BYTES, length - at);
      int count = pieceBytes / SECTOR_BYTES;
      long first = sector + at / SECTOR_BYTES;
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, lane.bytes(), 0, pieceBytes);
      if (encrypts) {
        lane.transform().encrypt(first, lane.bytes(), count);
      } else {
        lane.transform().decrypt(first, lane.bytes(), count);
      }
      MemorySegment.copy(lane.bytes(), 0, to, ValueLayout.JAVA_BYTE, at, pieceBytes);
    }
    lanes.add(lane);
  }

  /** Zeroes the key. Nobody uses the cipher any more. */
  @Override
  public void close() {
    Arrays.fill(key, (byte) 0);
    lanes.clear();
  }

  /** Says nothing about the key. */
  @Override
  public String toString() {
    return "SectorCipher[" + spec.algorithm().word() + ", " + spec.modeText() + "]";
  }
}

package dev.platter.file;

import dev.platter.api.Preallocation;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Sets a file's size, and reserves space for what it gains. */
final class Growth {
  private static final MemorySegment ZEROS =
      Arena.global()
          .allocate(ThreadBuffers.BOUNCE_BYTES, ThreadBuffers.ALIGNMENT_BYTES)
          .asReadOnly();

  private static final int FIRST_BLOCK_BYTES = 4096;
  private static final int SECTOR_BYTES = 512;

  private Growth() {}

  /**
   * Changes the size. If the space for the growth cannot be had, the old size is restored.
   *
   * <p>A file that was empty gets its first block allocated: some hosts let a hole be read in units
   * that they refuse where there is data, which misleads whoever tries out the unit of direct I/O.
   *
   * @throws UnsupportedFeatureException if this preallocation is not possible here
   */
  static void resize(OpenFile file, long oldSize, long newSize, Preallocation preallocation)
      throws IOException {
    requirePossible(oldSize, newSize, preallocation);
    boolean empty = file.size() == 0;
    file.truncate(newSize);
    try {
      preallocate(file, oldSize, newSize - oldSize, preallocation);
      if (empty && newSize > 0 && preallocation != Preallocation.FULL) {
        long block = newSize < FIRST_BLOCK_BYTES ? SECTOR_BYTES : FIRST_BLOCK_BYTES;
        writeZeros(file, 0, Math.min(newSize, block));
      }
    } catch (IOException | RuntimeException | Error e) {
      restore(file, oldSize, e);
      throw e;
    }
  }

  /**
   * Refuses what no host can do.
   *
   * @throws UnsupportedFeatureException for metadata, which a plain file has none of, and for
   *     reserving what is cut off
   */
  static void requirePossible(long oldSize, long newSize, Preallocation preallocation)
      throws UnsupportedFeatureException {
    if (preallocation == Preallocation.METADATA) {
      throw new UnsupportedFeatureException("Unsupported preallocation mode: metadata");
    }
    if (preallocation != Preallocation.OFF && newSize < oldSize) {
      throw new UnsupportedFeatureException("Preallocation can't be used for shrinking files");
    }
  }

  /** Makes a range within the file read as zeros, and keeps or gives it space. */
  static void zero(OpenFile file, long offset, long length) throws IOException {
    if (!file.zero(offset, length)) {
      writeZeros(file, offset, length);
    }
  }

  /** Writes zeros, where the host has no cheaper means. */
  static void writeZeros(OpenFile file, long offset, long length) throws IOException {
    for (long done = 0; done < length; ) {
      long part = Math.min(ZEROS.byteSize(), length - done);
      file.write(offset + done, ZEROS.asSlice(0, part));
      done += part;
    }
  }

  private static void preallocate(
      OpenFile file, long offset, long length, Preallocation preallocation) throws IOException {
    if (length <= 0) {
      return;
    }
    if (preallocation == Preallocation.FULL) {
      writeZeros(file, offset, length);
    } else if (preallocation == Preallocation.FALLOC && !file.allocate(offset, length)) {
      throw new UnsupportedFeatureException(
          "Could not preallocate data for the new file: Operation not supported");
    }
  }

  private static void restore(OpenFile file, long size, Throwable failure) {
    try {
      file.truncate(size);
    } catch (IOException | RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }
}

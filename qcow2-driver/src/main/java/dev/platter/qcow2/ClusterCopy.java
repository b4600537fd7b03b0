package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.DataCipher;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Copies bytes from one place of an image's file to another; holes stay holes where the host has
 * them. Not durable before the file's next flush.
 *
 * @param cipher what guest bytes are encrypted with, where that depends on their place in the file
 */
record ClusterCopy(ImageFile file, Optional<DataCipher> cipher) {
  private static final int CHUNK_BYTES = 1 << 20;

  /** Copies bytes as they are. */
  void copy(long from, long to, long bytes) throws IOException {
    for (long done = 0; done < bytes; ) {
      long left = bytes - done;
      long zeros = Math.min(file.zeros(from + done, left), left);
      int count = (int) Math.min(left, CHUNK_BYTES);
      if (zeros > 0) {
        zero(to + done, zeros);
        done += zeros;
      } else {
        file.write(to + done, file.read(from + done, count));
        done += count;
      }
    }
  }

  /** Copies guest bytes: whole clusters. */
  void copyData(long from, long to, long bytes) throws IOException {
    if (cipher.isEmpty()) {
      copy(from, to, bytes);
      return;
    }
    for (long done = 0; done < bytes; ) {
      int count = (int) Math.min(bytes - done, CHUNK_BYTES);
      ByteBuffer chunk = file.read(from + done, count);
      MemorySegment memory = MemorySegment.ofBuffer(chunk);
      cipher.get().decrypt(from + done, 0, memory, memory);
      cipher.get().encrypt(to + done, 0, memory, memory);
      file.write(to + done, chunk);
      done += count;
    }
  }

  /** Makes bytes zeros, without space of their own if they can be. */
  private void zero(long offset, long bytes) throws IOException {
    long end = file.node().size();
    if (offset + bytes > end) { // no entry may lead behind the end of the file
      file.node().resize(offset + bytes, Preallocation.OFF);
    }
    long present = Math.min(bytes, end - offset);
    if (present > 0 && file.zeros(offset, present) < present) {
      file.node().writeZeroes(offset, present, ZeroMode.MAY_UNMAP);
    }
  }
}

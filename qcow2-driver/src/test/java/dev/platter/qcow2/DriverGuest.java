package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CompressingFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * Moves bytes through a driver alone, without a graph: as the graph would, one range at a time.
 * Callers keep overlapping requests apart.
 *
 * @param below what shows through where nothing is allocated; zeros behind its end
 */
record DriverGuest(FormatDriver driver, MemorySegment below) {

  /** A guest of an image with zeros below. */
  DriverGuest(FormatDriver driver) {
    this(driver, MemorySegment.ofArray(new byte[0]));
  }

  /** The bytes of a range. */
  byte[] read(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      Mapping mapping = driver.map(offset + done, length - done);
      MemorySegment dst = MemorySegment.ofArray(bytes).asSlice(done, mapping.length());
      switch (mapping) {
        case Mapping.Data data -> readHost(driver.data(), data.hostOffset(), dst);
        case Mapping.Encoded encoded -> driver.readEncoded(encoded, offset + done, dst);
        case Mapping.Zero _ -> dst.fill((byte) 0);
        case Mapping.Backing _ -> readBelow(offset + done, dst);
      }
      done += (int) mapping.length();
    }
    return bytes;
  }

  /** Writes a range: in place where the driver says so, else by allocating. */
  void write(long offset, byte[] bytes) throws IOException {
    for (int done = 0; done < bytes.length; ) {
      long at = offset + done;
      int left = bytes.length - done;
      Mapping mapping = driver.map(at, left);
      int moved;
      if (mapping instanceof Mapping.Data data && data.writable()) {
        moved = (int) data.length();
        driver.data().write(data.hostOffset(), Arrays.copyOfRange(bytes, done, done + moved));
      } else {
        moved = writeNew(at, bytes, done);
      }
      done += moved;
    }
  }

  /** Writes the same byte all over a range. */
  void fill(long offset, int length, int value) throws IOException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    write(offset, bytes);
  }

  /** Writes the same byte all over a cluster, compressed; as it is where that is not possible. */
  void fillCompressed(long offset, int clusterBytes, int value) throws IOException {
    byte[] bytes = new byte[clusterBytes];
    Arrays.fill(bytes, (byte) value);
    if (!writeCompressed(offset, bytes)) {
      write(offset, bytes);
    }
  }

  /** Writes a cluster compressed, unless it is allocated or does not become smaller. */
  boolean writeCompressed(long offset, byte[] cluster) throws IOException {
    CompressingFormat format = (CompressingFormat) driver;
    Mapping mapping = driver.map(offset, 1);
    boolean allocated =
        !(mapping instanceof Mapping.Backing)
            && !(mapping instanceof Mapping.Zero zero && !zero.allocated());
    Optional<MemorySegment> compressed = format.compress(MemorySegment.ofArray(cluster));
    if (allocated || compressed.isEmpty()) {
      return false;
    }
    int length = (int) compressed.get().byteSize();
    try (CompressingFormat.CompressedSpace space = format.allocateCompressed(offset, length)) {
      driver.data().write(space.hostOffset(), compressed.get());
      space.commit();
    }
    return true;
  }

  /** Releases whole clusters. */
  boolean release(long offset, long length, ReleaseMode mode) throws IOException {
    return driver.release(offset, length, mode);
  }

  private int writeNew(long at, byte[] bytes, int done) throws IOException {
    int left = bytes.length - done;
    try (Allocation allocation = driver.allocate(at, left)) {
      int skipped = (int) (at - allocation.guestOffset());
      byte[] filled = new byte[(int) allocation.length()];
      int old = (int) Math.min(filled.length, driver.size() - allocation.guestOffset());
      System.arraycopy(read(allocation.guestOffset(), old), 0, filled, 0, old);
      int moved = Math.min(left, filled.length - skipped);
      System.arraycopy(bytes, done, filled, skipped, moved);
      driver.data().write(allocation.hostOffset(), filled);
      allocation.commit();
      return moved;
    }
  }

  private void readBelow(long offset, MemorySegment dst) {
    dst.fill((byte) 0);
    long present = Math.clamp(below.byteSize() - offset, 0, dst.byteSize());
    if (present > 0) {
      dst.copyFrom(below.asSlice(offset, present));
    }
  }

  private static void readHost(BlockNode node, long offset, MemorySegment dst) throws IOException {
    long present = Math.clamp(node.size() - offset, 0, dst.byteSize());
    node.read(offset, dst.asSlice(0, present));
    dst.asSlice(present).fill((byte) 0);
  }
}

package dev.platter.qcow2;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.VmStateFormat.VmStateArea;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The guest clusters in which an image keeps a machine's state: those behind the disk, from the
 * first one on that no L2 table of the disk maps.
 *
 * <ul>
 *   <li>I1. The area begins at an L1 entry of its own, so a snapshot takes the area by taking the
 *       L1 table, and the disk gives it up by clearing entries.
 *   <li>I2. Nothing is mapped where the active L1 table has no entries: it grows by {@link
 *       #reserve} alone, while nobody uses the image.
 * </ul>
 */
final class VmStateClusters implements VmStateArea {
  private final Qcow2Format image;

  VmStateClusters(Qcow2Format image) {
    this.image = image;
  }

  @Override
  public void reserve(long endOffset) throws IOException {
    if (header().features().dataFile()) {
      throw new BlockIoException(
          data().name(), "keep a machine's state beside an external data file", Errno.ENOTSUP);
    }
    if (endOffset > size()) {
      throw new BlockIoException(data().name(), "grow the L1 table", Errno.EFBIG);
    }
    long needed = geometry().l1EntryCount(start() + endOffset);
    int present = header().l1Table().count();
    if (needed > present) { // by half at least: a state is written in many pieces
      long roomy = Math.min(present + present / 2L, HeaderRules.MAXIMUM_L1_ENTRIES);
      image.growL1Table((int) Math.max(needed, roomy));
    }
  }

  @Override
  public long size() {
    long disk = geometry().l1EntryCount(header().diskBytes());
    return (HeaderRules.MAXIMUM_L1_ENTRIES - disk) << geometry().l1CoverageBits();
  }

  @Override
  public BlockLimits limits() {
    return image.limits();
  }

  @Override
  public BlockNode data() {
    return image.data();
  }

  @Override
  public long allocationUnitBytes() {
    return image.allocationUnitBytes();
  }

  @Override
  public long mappingUnitBytes() {
    return image.mappingUnitBytes();
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long guestOffset = start() + offset;
    long end = (long) header().l1Table().count() << geometry().l1CoverageBits(); // I2
    return guestOffset < end
        ? image.map(guestOffset, Math.min(length, end - guestOffset))
        : new Mapping.Backing(length);
  }

  @Override
  public void readEncoded(Mapping.Encoded encoded, long offset, MemorySegment dst)
      throws IOException {
    image.readEncoded(encoded, start() + offset, dst);
  }

  @Override
  public Allocation allocate(long offset, long length) throws IOException {
    return new Moved(image.allocate(start() + offset, length), start());
  }

  /** {@inheritDoc} The area goes as a whole; zeros in it are written. */
  @Override
  public boolean release(long offset, long length, ReleaseMode mode) {
    return false;
  }

  @Override
  public Optional<DataCipher> dataCipher() {
    return image.dataCipher().map(MovedCipher::new);
  }

  @Override
  public void flush() throws IOException {
    image.flush();
  }

  /** Does nothing: the image holds all there is. */
  @Override
  public void close() {}

  /** The guest offset of the area's first byte. */
  private long start() {
    return geometry().l1EntryCount(header().diskBytes()) << geometry().l1CoverageBits();
  }

  private Qcow2Header header() {
    return image.header();
  }

  private ClusterGeometry geometry() {
    return header().geometry();
  }

  /** An allocation whose guest offsets count from the beginning of the area. */
  private record Moved(Allocation allocation, long start) implements Allocation {
    @Override
    public long guestOffset() {
      return allocation.guestOffset() - start;
    }

    @Override
    public long length() {
      return allocation.length();
    }

    @Override
    public long hostOffset() {
      return allocation.hostOffset();
    }

    @Override
    public boolean knownZero() {
      return allocation.knownZero();
    }

    @Override
    public void commit() throws IOException {
      allocation.commit();
    }

    @Override
    public void close() {
      allocation.close();
    }
  }

  /** The image's cipher, for offsets that count from the beginning of the area. */
  private final class MovedCipher implements DataCipher {
    private final DataCipher cipher;

    MovedCipher(DataCipher cipher) {
      this.cipher = cipher;
    }

    @Override
    public void encrypt(long hostOffset, long offset, MemorySegment plain, MemorySegment stored) {
      cipher.encrypt(hostOffset, start() + offset, plain, stored);
    }

    @Override
    public void decrypt(long hostOffset, long offset, MemorySegment stored, MemorySegment plain) {
      cipher.decrypt(hostOffset, start() + offset, stored, plain);
    }
  }
}

package dev.platter.luks;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.AmendableFormat;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.ResizableFormat;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.crypto.LuksDetails;
import dev.platter.crypto.LuksVolume;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An open volume: guest bytes lie behind the header as they are counted, encrypted.
 *
 * <p>What was never written reads as noise, growth included: nothing tells it from what was. So
 * zeros are written like any other bytes, and a discard does nothing.
 */
final class LuksFormat
    implements FormatDriver, ResizableFormat, EncryptedFormat, AmendableFormat, DescribedFormat {
  private final FormatOpening opening;
  private final LuksVolume volume;
  private final VolumeCipher cipher;
  private volatile long sizeBytes;
  private boolean closed;

  /**
   * @param cipher closed with this
   */
  LuksFormat(FormatOpening opening, LuksVolume volume, VolumeCipher cipher) {
    this.opening = opening;
    this.volume = volume;
    this.cipher = cipher;
    this.sizeBytes = diskBytes();
  }

  @Override
  public long size() {
    return sizeBytes;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public BlockNode data() {
    return opening.file();
  }

  @Override
  public Optional<DataCipher> dataCipher() {
    return Optional.of(cipher);
  }

  @Override
  public boolean newSpaceReadsAsZeros() {
    return false;
  }

  @Override
  public Mapping map(long guestOffset, long length) {
    return new Mapping.Data(volume.payloadOffset() + guestOffset, length, !opening.readOnly());
  }

  /** {@inheritDoc} A volume has no zeros but those that are written. */
  @Override
  public boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    requireWritable();
    return false;
  }

  /** {@inheritDoc} Growth reads as noise, like all that was never written. */
  @Override
  public void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    requireWritable();
    if (newSize > Long.MAX_VALUE - volume.payloadOffset() - DataCipher.SECTOR_BYTES) {
      throw new BlockIoException(opening.imageName(), "resize the volume", Errno.EFBIG);
    }
    long oldSize = sizeBytes;
    changeSize(Ranges.alignUp(newSize, DataCipher.SECTOR_BYTES), preallocation);
    if (sizeBytes > oldSize) {
      try {
        growth.zero();
      } catch (IOException e) {
        changeSize(oldSize, Preallocation.OFF);
        throw e;
      }
    }
  }

  private void changeSize(long size, Preallocation preallocation) throws IOException {
    data().resize(volume.payloadOffset() + size, preallocation);
    sizeBytes = size;
  }

  @Override
  public void amend(Amendment amendment, Growth growth) throws IOException {
    requireWritable();
    new KeySlotAmendment(opening, amendment).perform(volume);
  }

  @Override
  public FormatDetails details() {
    return new FormatDetails(OptionalLong.empty(), false, true, false, LuksDetails.of(volume));
  }

  @Override
  public void flush() throws IOException {
    data().flush();
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (cipher) {
      data().flush();
    }
  }

  /** The part of the file behind the header, as whole sectors. */
  private long diskBytes() {
    return Ranges.alignUp(data().size() - volume.payloadOffset(), DataCipher.SECTOR_BYTES);
  }

  private void requireWritable() throws ReadOnlyNodeException {
    if (opening.readOnly()) {
      throw new ReadOnlyNodeException(opening.imageName());
    }
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CompressingFormat;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/**
 * One image as the loops that move guest bytes see it: its driver, behind the read fence, and the
 * gate that closes when the image is damaged.
 *
 * <ul>
 *   <li>I1: what {@link #map} answers is used between {@link #enterFence} and {@link #exitFence}:
 *       until then the host bytes it names are neither given to anybody else nor punched.
 *   <li>I2: once the driver has found the image damaged, nothing is written to it any more.
 * </ul>
 *
 * <p>Threads: any.
 */
final class MappedImage {
  private final String nodeName;
  private final FormatDriver driver;
  private final Optional<EpochFence> fence;
  private final WriteGate writeGate;
  private final String dataName;
  private final Optional<EncryptedData> encrypted;

  MappedImage(Layer layer, WriteGate writeGate) {
    this.nodeName = layer.name();
    this.driver = layer.driver();
    this.fence = layer.fence();
    this.writeGate = writeGate;
    this.dataName = Layer.fileName(driver.data());
    this.encrypted =
        driver instanceof EncryptedFormat format
            ? format.dataCipher().map(cipher -> new EncryptedData(driver, cipher))
            : Optional.empty();
  }

  /** The node that host offsets are about. */
  BlockNode data() {
    return driver.data();
  }

  /** The name of the file that host offsets are about. */
  String dataName() {
    return dataName;
  }

  /** What moves the bytes if they are encrypted; empty if they are stored as they are. */
  Optional<EncryptedData> encrypted() {
    return encrypted;
  }

  /** The driver, for what needs neither fence nor gate. */
  FormatDriver driver() {
    return driver;
  }

  /** Counts the caller in at the fence, if there is one; to be undone by {@link #exitFence}. */
  int enterFence() {
    return fence.isPresent() ? fence.get().enter() : 0;
  }

  void exitFence(int token) {
    if (fence.isPresent()) {
      fence.get().exit(token);
    }
  }

  /** {@link FormatDriver#map}; the answer is at least one byte long. */
  Mapping map(long offset, long length) throws IOException {
    Mapping mapping;
    try {
      mapping = driver.map(offset, length);
    } catch (CorruptImageException e) {
      throw damaged(e);
    }
    if (mapping.length() < 1) {
      throw new IllegalStateException(
          "%s: driver mapped no bytes at 0x%x: %s".formatted(nodeName, offset, mapping));
    }
    return mapping;
  }

  /** {@link FormatDriver#allocate}; the caller holds the range. */
  Allocation allocate(long offset, long length) throws IOException {
    try {
      return driver.allocate(offset, length);
    } catch (CorruptImageException e) {
      throw damaged(e);
    }
  }

  /** {@link CompressingFormat#allocateCompressed}; the caller holds the range. */
  CompressedSpace allocateCompressed(CompressingFormat format, long offset, int byteCount)
      throws IOException {
    try {
      return format.allocateCompressed(offset, byteCount);
    } catch (CorruptImageException e) {
      throw damaged(e);
    }
  }

  /** {@link FormatDriver#release}; the caller holds the range. */
  boolean release(long offset, long length, ReleaseMode mode) throws IOException {
    try {
      return driver.release(offset, length, mode);
    } catch (CorruptImageException e) {
      throw damaged(e);
    }
  }

  private CorruptImageException damaged(CorruptImageException failure) {
    writeGate.close("the image is corrupt"); // I2
    return failure;
  }
}

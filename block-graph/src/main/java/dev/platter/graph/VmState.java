package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.VmStateFormat;
import dev.platter.api.driver.VmStateFormat.VmStateArea;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The state of the machine that uses an image, kept in the image behind the disk: bytes from 0 on,
 * which a snapshot takes with it. What was never written reads as zeros.
 *
 * <p>A write waits for the requests in progress at the image, and holds new ones until it is done:
 * the image may need tables that nobody may be using meanwhile.
 *
 * <p>Threads: any; requests are done one at a time.
 */
public final class VmState {
  private final FormatNode disk;
  private final VmStateArea area;
  private final FormatNode bytes;

  private VmState(FormatNode disk, VmStateArea area) {
    this.disk = disk;
    this.area = area;
    this.bytes = new FormatNode(disk.graph(), disk.layer().with(area), Optional.empty());
  }

  /**
   * The state that an image keeps.
   *
   * @param node a node of a format driver, or a filter or the front of one
   * @throws BlockIoException with ENOTSUP if images of its format keep none
   */
  public static VmState of(BlockNode node) throws BlockIoException {
    if (ImageBelow.of(node) instanceof FormatNode disk
        && disk.driver() instanceof VmStateFormat format) {
      return new VmState(disk, format.vmState());
    }
    throw new BlockIoException(node.name(), "find the machine's state", Errno.ENOTSUP);
  }

  /**
   * Fills {@code dst} with the state's bytes at {@code offset}.
   *
   * @throws dev.platter.api.error.NodeBusyException if the image is another node's backing file
   * @throws dev.platter.api.error.OutOfRangeException if images of the format cannot address that
   */
  public void read(long offset, MemorySegment dst) throws IOException {
    disk.graph().changeUnshared(disk, () -> bytes.read(offset, dst));
  }

  /**
   * Writes all of {@code src} at {@code offset}, durable after the next {@link FormatNode#flush}.
   * The disk and the snapshots do not change.
   *
   * @throws dev.platter.api.error.NodeBusyException if the image is another node's backing file
   * @throws BlockIoException with EFBIG if images of the format cannot address that, with ENOTSUP
   *     if this image cannot hold a state
   */
  public void write(long offset, MemorySegment src) throws IOException {
    disk.changeHeld(
        "write vm state",
        () -> {
          area.reserve(offset + src.byteSize());
          bytes.write(offset, src);
        });
  }
}

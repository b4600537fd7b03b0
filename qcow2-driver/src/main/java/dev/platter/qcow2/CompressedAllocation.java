package dev.platter.qcow2;

import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import java.io.IOException;

/**
 * Room for one compressed cluster, somewhere in one or two host clusters. It is given back only
 * where it is certain that nothing points to it, as {@link Qcow2Allocation} does.
 */
final class CompressedAllocation implements CompressedSpace {
  private final CompressedClusterWriter writer;
  private final long guestOffset;
  private final long hostOffset;
  private final int byteCount;
  private boolean settled;

  CompressedAllocation(
      CompressedClusterWriter writer, long guestOffset, long hostOffset, int byteCount) {
    this.writer = writer;
    this.guestOffset = guestOffset;
    this.hostOffset = hostOffset;
    this.byteCount = byteCount;
  }

  @Override
  public long hostOffset() {
    return hostOffset;
  }

  @Override
  public void commit() throws IOException {
    if (settled) {
      throw new IllegalStateException("this space was committed or closed before");
    }
    boolean linked = true; // for all that anybody knows
    try {
      writer.link(guestOffset, hostOffset, byteCount);
    } catch (IOException e) {
      linked = false;
      throw e;
    } finally {
      settled = linked;
    }
  }

  @Override
  public void close() {
    if (!settled) {
      writer.giveBack(hostOffset, byteCount);
    }
    settled = true;
  }
}

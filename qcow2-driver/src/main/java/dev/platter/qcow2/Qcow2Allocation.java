package dev.platter.qcow2;

import dev.platter.api.driver.Allocation;
import java.io.IOException;

/**
 * Host clusters side by side for guest clusters side by side, within one L2 slice; of the first and
 * the last, perhaps only some subclusters.
 *
 * <p>They are given back only where it is certain that nothing points to them. A commit that an
 * error or a mistake ends may have linked them: then they stay, as a leak at worst.
 */
final class Qcow2Allocation implements Allocation {
  private final ImageWriter writer;
  private final long guestOffset;
  private final long length;
  private final ClusterAllocator.Run run;
  private final long hostOffset;
  private final boolean reserved;
  private final boolean knownZero;
  private boolean settled;

  /**
   * @param run the host clusters
   * @param reserved whether they are this allocation's to give back; if not, they are linked
   *     already as zeros
   */
  Qcow2Allocation(
      ImageWriter writer,
      long guestOffset,
      long length,
      ClusterAllocator.Run run,
      long hostOffset,
      boolean reserved,
      boolean knownZero) {
    this.writer = writer;
    this.guestOffset = guestOffset;
    this.length = length;
    this.run = run;
    this.hostOffset = hostOffset;
    this.reserved = reserved;
    this.knownZero = knownZero;
  }

  @Override
  public long guestOffset() {
    return guestOffset;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long hostOffset() {
    return hostOffset;
  }

  @Override
  public boolean knownZero() {
    return knownZero;
  }

  @Override
  public void commit() throws IOException {
    if (settled) {
      throw new IllegalStateException("this allocation was committed or closed before");
    }
    boolean linked = true; // for all that anybody knows
    try {
      writer.link(guestOffset, length, run);
    } catch (IOException e) {
      linked = false;
      throw e;
    } finally {
      settled = linked;
    }
  }

  @Override
  public void close() {
    if (!settled && reserved) {
      writer.giveBack(run);
    }
    settled = true;
  }
}

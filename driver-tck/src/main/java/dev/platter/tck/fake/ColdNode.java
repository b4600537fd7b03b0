package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.PromptNode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A node whose bytes from some offset on are not at hand: a prompt read of them is refused.
 *
 * <p>Threads: any.
 */
public final class ColdNode extends ForwardingNode implements PromptNode {
  private volatile long coldOffset;
  private volatile boolean tells = true;
  private long refusedCount;

  /**
   * @param below where the bytes are; closed with this
   * @param coldOffset the first byte that is not at hand
   */
  public ColdNode(BlockNode below, long coldOffset) {
    super(below.name(), below);
    this.coldOffset = coldOffset;
  }

  /** From now on the bytes from this offset on are not at hand. */
  public void coldFrom(long offset) {
    coldOffset = offset;
  }

  /** From now on it does not tell any more what is at hand. */
  public void stopTelling() {
    tells = false;
  }

  /** How many prompt reads were refused. */
  public synchronized long refusedCount() {
    return refusedCount;
  }

  private synchronized void refuse() {
    refusedCount++;
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    below().read(offset, dst);
  }

  @Override
  public boolean promptReads() {
    return tells;
  }

  @Override
  public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    boolean atHand = atHand(offset, dst.byteSize());
    if (atHand) {
      below().read(offset, dst);
    }
    return atHand;
  }

  @Override
  public boolean readPromptly(long offset, IoVector dst) throws IOException {
    boolean atHand = atHand(offset, dst.byteSize());
    if (atHand) {
      below().read(offset, dst);
    }
    return atHand;
  }

  private boolean atHand(long offset, long length) {
    boolean atHand = tells && offset + length <= coldOffset;
    if (!atHand) {
      refuse();
    }
    return atHand;
  }
}

package dev.platter.harness.workload;

/**
 * The order in which a job visits blocks: 0, 1, 2, … or a permutation that visits each once in a
 * pass, another one in each pass. It takes no memory: a four-round Feistel network over the
 * smallest even number of bits, walked until it lands within the range.
 *
 * <p>Threads: immutable.
 */
final class BlockOrder {
  private static final int ROUNDS = 4;

  private final boolean random;
  private final long blockCount;
  private final long seed;
  private final int halfBits;

  /**
   * @param blockCount at least 1
   */
  BlockOrder(boolean random, long blockCount, long seed) {
    this.random = random;
    this.blockCount = blockCount;
    this.seed = seed;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(blockCount - 1);
    this.halfBits = Math.max(1, (bits + 1) / 2);
  }

  /** The block visited at this step, counted from 0 over all passes. */
  long blockIndex(long step) {
    long within = step % blockCount;
    if (!random) {
      return within;
    }
    long key = Stamps.mix(seed + step / blockCount);
    long index = within;
    do {
      index = permute(index, key);
    } while (index >= blockCount);
    return index;
  }

  private long permute(long index, long key) {
    long mask = (1L << halfBits) - 1;
    long left = index >>> halfBits;
    long right = index & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long mixed = left ^ (Stamps.mix(right + key + round) & mask);
      left = right;
      right = mixed;
    }
    return left << halfBits | right;
  }
}

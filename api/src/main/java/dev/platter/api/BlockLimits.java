package dev.platter.api;

/**
 * Alignments and bounds of efficient requests to a node.
 *
 * @param requestAlignmentBytes requests aligned to this are transferred without a bounce buffer; a
 *     power of two, at least 1
 * @param memoryAlignmentBytes the alignment of memory that is transferred without a bounce buffer;
 *     a power of two, at least 1
 * @param optimalTransferBytes requests aligned to this cause no extra copies (a format's cluster
 *     size); a power of two, at least 1
 * @param zeroAlignmentBytes zero-writes aligned to this need no data written; at least 1, any
 *     number
 * @param discardAlignmentBytes the parts of a discard outside this alignment may be ignored; at
 *     least 1, any number
 * @param maxTransferBytes larger requests are split by the node; at least 1
 */
public record BlockLimits(
    int requestAlignmentBytes,
    int memoryAlignmentBytes,
    long optimalTransferBytes,
    long zeroAlignmentBytes,
    long discardAlignmentBytes,
    long maxTransferBytes) {

  /** No alignment and no bound. */
  public static final BlockLimits NONE = new BlockLimits(1, 1, 1, 1, 1, Long.MAX_VALUE);

  public BlockLimits {
    requirePowerOfTwo("requestAlignmentBytes", requestAlignmentBytes);
    requirePowerOfTwo("memoryAlignmentBytes", memoryAlignmentBytes);
    requirePowerOfTwo("optimalTransferBytes", optimalTransferBytes);
    requirePositive("zeroAlignmentBytes", zeroAlignmentBytes);
    requirePositive("discardAlignmentBytes", discardAlignmentBytes);
    requirePositive("maxTransferBytes", maxTransferBytes);
  }

  /** These limits with the units of a format of this cluster size. */
  public BlockLimits withClusterSize(long clusterBytes) {
    return new BlockLimits(
        requestAlignmentBytes,
        memoryAlignmentBytes,
        clusterBytes,
        clusterBytes,
        clusterBytes,
        maxTransferBytes);
  }

  /** These limits with zero-writes that need no data where they are aligned to so many bytes. */
  public BlockLimits withZeroAlignment(long alignmentBytes) {
    return new BlockLimits(
        requestAlignmentBytes,
        memoryAlignmentBytes,
        optimalTransferBytes,
        alignmentBytes,
        discardAlignmentBytes,
        maxTransferBytes);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value);
    }
  }

  private static void requirePowerOfTwo(String name, long value) {
    if (value < 1 || Long.bitCount(value) != 1) {
      throw new IllegalArgumentException(name + " is " + value + ", not a power of two");
    }
  }
}

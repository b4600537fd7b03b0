package dev.platter.qcow2;

/** A slice in which nothing is allocated. One stands for all of a cache, and takes nothing. */
record EmptyL2Slice(int entryCount, int clusterBits) implements L2Slice {

  @Override
  public long entry(int index) {
    return 0;
  }

  @Override
  public int run(int index, int maximum) {
    return Math.min(maximum, entryCount - index);
  }

  @Override
  public int unallocatedStart(int index) {
    return 0;
  }

  @Override
  public int heldBytes() {
    return 0;
  }
}

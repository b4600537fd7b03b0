package dev.platter.harness.workload;

/** What a workload does, by fio's words: {@code rw=}. */
public enum Pattern {
  READ(false, true, false),
  WRITE(false, false, true),
  RANDREAD(true, true, false),
  RANDWRITE(true, false, true),
  RW(false, true, true),
  RANDRW(true, true, true);

  private final boolean random;
  private final boolean reads;
  private final boolean writes;

  Pattern(boolean random, boolean reads, boolean writes) {
    this.random = random;
    this.reads = reads;
    this.writes = writes;
  }

  /** Whether blocks are visited in random order: each once before any twice. */
  public boolean random() {
    return random;
  }

  /** Whether it reads. */
  public boolean reads() {
    return reads;
  }

  /** Whether it writes. */
  public boolean writes() {
    return writes;
  }
}

package dev.platter.file;

/**
 * Shared locks on single bytes of one open file, as the host keeps them. The bytes need not exist.
 *
 * <p>Answers are those of the C library: a call that fails returns the negative of its {@code
 * errno}.
 */
interface ByteLocks {
  /** Where nothing is locked: every lock is granted, and nobody else holds any. */
  ByteLocks NONE =
      new ByteLocks() {
        @Override
        public int set(long offset, boolean locked) {
          return 0;
        }

        @Override
        public int heldElsewhere(long offset) {
          return 0;
        }
      };

  /** Locks a byte for this open file, beside others that have it locked, or lets go of it. */
  int set(long offset, boolean locked);

  /** 1 if the byte is locked for another open file, in this process or another; else 0. */
  int heldElsewhere(long offset);
}

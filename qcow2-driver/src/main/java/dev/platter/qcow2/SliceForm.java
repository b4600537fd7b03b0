package dev.platter.qcow2;

import dev.platter.api.option.OptionType;

/** How the L2 cache keeps slices, and what of that it counts. */
enum SliceForm implements OptionType.Word {
  /**
   * Each clean slice in the smallest form that its entries allow; whatever the cache keeps for a
   * slice counts, the objects themselves included.
   */
  PACKED("packed") {
    @Override
    L2Slice encode(long[] entries, int clusterBits, L2Slice empty) {
      return smallest(entries, clusterBits, empty);
    }

    @Override
    int countedBytes(L2Slice slice) {
      return slice.heldBytes();
    }

    @Override
    int maximumBytes(int entryCount) {
      return RawL2Slice.heldBytes(entryCount);
    }

    @Override
    boolean countsPlaces() {
      return true;
    }
  },

  /**
   * Each entry as the word that stands in the image, and 8 bytes are counted for each: so a cache
   * size covers as much of a disk as it does in QEMU, and no more.
   */
  RAW("raw") {
    @Override
    L2Slice encode(long[] entries, int clusterBits, L2Slice empty) {
      return new RawL2Slice(entries, clusterBits);
    }

    @Override
    int countedBytes(L2Slice slice) {
      return maximumBytes(slice.entryCount());
    }

    @Override
    int maximumBytes(int entryCount) {
      return entryCount * Long.BYTES;
    }

    @Override
    boolean countsPlaces() {
      return false;
    }
  };

  /** Runs are preferred up to this many: large requests map faster through them. */
  private static final int FEW_RUNS = 4;

  private final String word;

  SliceForm(String word) {
    this.word = word;
  }

  @Override
  public String word() {
    return word;
  }

  /**
   * A slice of entries.
   *
   * @param entries may be kept: nobody changes them from here on
   * @param empty stands for every slice in which nothing is allocated
   */
  abstract L2Slice encode(long[] entries, int clusterBits, L2Slice empty);

  /** What a slice counts in the cache's budget. */
  abstract int countedBytes(L2Slice slice);

  /** The most that a slice of so many entries can count. */
  abstract int maximumBytes(int entryCount);

  /** Whether what the cache keeps about a slice counts too. */
  abstract boolean countsPlaces();

  private static L2Slice smallest(long[] entries, int clusterBits, L2Slice empty) {
    int runCount = RunsL2Slice.countRuns(entries, clusterBits);
    if (runCount == 1 && entries[0] == 0) {
      return empty;
    }
    PackedL2Slice.Frame frame = PackedL2Slice.Frame.of(entries, clusterBits);
    int rawBytes = RawL2Slice.heldBytes(entries.length);
    int runBytes = RunsL2Slice.heldBytes(runCount);
    int packedBytes = frame.fits() ? frame.heldBytes(entries.length) : rawBytes;
    if (runBytes < rawBytes && (runCount <= FEW_RUNS || runBytes <= packedBytes)) {
      return RunsL2Slice.of(entries, clusterBits, runCount);
    }
    return packedBytes < rawBytes
        ? PackedL2Slice.of(entries, clusterBits, frame)
        : new RawL2Slice(entries, clusterBits);
  }
}

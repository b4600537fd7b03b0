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
    L2Slice encode(long[] words, int clusterBits, L2Slice empty) {
      return empty instanceof SubclusterL2Slice extended
          ? SubclusterL2Slice.smallest(words, clusterBits, extended)
          : smallest(words, clusterBits, empty);
    }

    @Override
    int countedBytes(L2Slice slice) {
      return slice.heldBytes();
    }

    @Override
    int maximumBytes(L2Slice empty) {
      return empty instanceof SubclusterL2Slice
          ? SubclusterL2Slice.maximumBytes(empty.entryCount())
          : RawL2Slice.heldBytes(empty.entryCount());
    }

    @Override
    boolean countsPlaces() {
      return true;
    }
  },

  /**
   * Each entry as the words that stand in the image, and 8 bytes are counted for each: so a cache
   * size covers as much of a disk as it does in QEMU, and no more.
   */
  RAW("raw") {
    @Override
    L2Slice encode(long[] words, int clusterBits, L2Slice empty) {
      return empty instanceof SubclusterL2Slice
          ? SubclusterL2Slice.raw(words, clusterBits)
          : new RawL2Slice(words, clusterBits);
    }

    @Override
    int countedBytes(L2Slice slice) {
      return maximumBytes(slice);
    }

    @Override
    int maximumBytes(L2Slice empty) {
      return empty.wordsPerEntry() * empty.entryCount() * Long.BYTES;
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
   * @param words of all entries; may be kept: nobody changes them from here on
   * @param empty stands for every slice in which nothing is allocated, and says what entries are
   */
  abstract L2Slice encode(long[] words, int clusterBits, L2Slice empty);

  /** What a slice counts in the cache's budget. */
  abstract int countedBytes(L2Slice slice);

  /** The most that a slice with as many entries as an empty one can count. */
  abstract int maximumBytes(L2Slice empty);

  /** Whether what the cache keeps about a slice counts too. */
  abstract boolean countsPlaces();

  /** A slice of standard entries, or of first words, in the smallest form. */
  static L2Slice smallest(long[] entries, int clusterBits, L2Slice empty) {
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

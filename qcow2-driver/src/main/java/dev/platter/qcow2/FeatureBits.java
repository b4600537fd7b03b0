package dev.platter.qcow2;

/**
 * The feature bits of a header (specification: "Header", version 3). All zero in version 2.
 *
 * @param incompatible a reader that does not know one of these must not open the image
 * @param compatible may be ignored
 * @param autoclear a writer that does not know one of these clears it
 */
record FeatureBits(long incompatible, long compatible, long autoclear) {
  static final long DIRTY = 1L;
  static final long CORRUPT = 1L << 1;
  static final long DATA_FILE = 1L << 2;
  static final long COMPRESSION_TYPE = 1L << 3;
  static final long EXTENDED_L2 = 1L << 4;

  static final long LAZY_REFCOUNTS = 1L;

  static final long BITMAPS = 1L;
  static final long DATA_FILE_RAW = 1L << 1;

  /** The incompatible bits that have a meaning. */
  static final long KNOWN_INCOMPATIBLE =
      DIRTY | CORRUPT | DATA_FILE | COMPRESSION_TYPE | EXTENDED_L2;

  /** The autoclear bits whose part of the image is kept right. */
  static final long KNOWN_AUTOCLEAR = BITMAPS | DATA_FILE_RAW;

  /** No feature. */
  static final FeatureBits NONE = new FeatureBits(0, 0, 0);

  /** Refcounts may be wrong: the image was not closed properly. */
  boolean dirty() {
    return (incompatible & DIRTY) != 0;
  }

  /** Some structure was found damaged: the image must not be written before a repair. */
  boolean corrupt() {
    return (incompatible & CORRUPT) != 0;
  }

  /** Guest data lies in another file. */
  boolean dataFile() {
    return (incompatible & DATA_FILE) != 0;
  }

  /** Compressed clusters are not deflated. */
  boolean compressionType() {
    return (incompatible & COMPRESSION_TYPE) != 0;
  }

  /** L2 entries are 16 bytes long and describe subclusters. */
  boolean extendedL2() {
    return (incompatible & EXTENDED_L2) != 0;
  }

  /** Writers may postpone refcounts. */
  boolean lazyRefcounts() {
    return (compatible & LAZY_REFCOUNTS) != 0;
  }

  /** The bitmaps extension agrees with the image's contents. */
  boolean bitmaps() {
    return (autoclear & BITMAPS) != 0;
  }

  /** The external data file can be read as a raw image. */
  boolean dataFileRaw() {
    return (autoclear & DATA_FILE_RAW) != 0;
  }

  /** A copy with an incompatible bit set or cleared. */
  FeatureBits withIncompatible(long bit, boolean set) {
    return new FeatureBits(set ? incompatible | bit : incompatible & ~bit, compatible, autoclear);
  }

  /** A copy with a compatible bit set or cleared. */
  FeatureBits withCompatible(long bit, boolean set) {
    return new FeatureBits(incompatible, set ? compatible | bit : compatible & ~bit, autoclear);
  }

  /** A copy with these autoclear bits and no others. */
  FeatureBits withAutoclear(long bits) {
    return new FeatureBits(incompatible, compatible, bits);
  }
}

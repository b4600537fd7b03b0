package dev.platter.qcow2;

import java.util.Optional;

/**
 * A bitmap of an open image: what the image holds of it, and what has been set since.
 *
 * <p>Bits that the image holds are read when they are needed; those that are set go to memory, and
 * are joined with the former when the bitmap is stored. So a bitmap that nothing sets costs
 * nothing, however large it is.
 *
 * <p>Threads: under the lock of {@link PersistentBitmaps}, but for {@link #mark}.
 */
final class TrackedBitmap {
  private final String name;
  private final int granularityBits;
  private final int otherFlags;
  private final boolean consistent;
  private Optional<StoredBitmap> stored;
  private boolean enabled;
  private boolean wasEnabled;

  /** How many of the image's bits count: none once the bitmap was cleared. */
  private long storedBitCount;

  /** Whether the table in the image is not what it should be, whatever bits are set. */
  private boolean reshaped;

  private volatile DirtyBits dirty;

  private TrackedBitmap(String name, int granularityBits, int flags, long diskBytes) {
    this.name = name;
    this.granularityBits = granularityBits;
    this.otherFlags = flags & ~(StoredBitmap.IN_USE | StoredBitmap.AUTO);
    this.consistent = (flags & StoredBitmap.IN_USE) == 0;
    this.enabled = (flags & StoredBitmap.AUTO) != 0;
    this.wasEnabled = enabled;
    this.stored = Optional.empty();
    this.reshaped = true;
    this.dirty = new DirtyBits(bitCount(consistent ? diskBytes : 0));
  }

  /** A bitmap of which the image knows nothing yet. */
  static TrackedBitmap added(String name, int granularityBits, boolean enabled, long diskBytes) {
    return new TrackedBitmap(name, granularityBits, enabled ? StoredBitmap.AUTO : 0, diskBytes);
  }

  /** A bitmap as the image holds it. */
  static TrackedBitmap of(StoredBitmap stored, long diskBytes) {
    TrackedBitmap bitmap =
        new TrackedBitmap(stored.name(), stored.granularityBits(), stored.flags(), diskBytes);
    bitmap.settled(stored, diskBytes);
    return bitmap;
  }

  String name() {
    return name;
  }

  int granularityBits() {
    return granularityBits;
  }

  /** Whether its contents can be believed. */
  boolean consistent() {
    return consistent;
  }

  boolean enabled() {
    return enabled;
  }

  void enable(boolean enable) {
    enabled = enable;
  }

  /** Its entry in the image's directory, if it has one. */
  Optional<StoredBitmap> stored() {
    return stored;
  }

  long storedBitCount() {
    return storedBitCount;
  }

  boolean reshaped() {
    return reshaped;
  }

  /** The bits that were set since it was opened. */
  DirtyBits dirty() {
    return dirty;
  }

  /** How many bits a disk of this size has. */
  long bitCount(long diskBytes) {
    return Math.ceilDiv(diskBytes, 1L << granularityBits);
  }

  /** Its flags in the image when it is not in use. */
  int flags() {
    return consistent
        ? otherFlags | (enabled ? StoredBitmap.AUTO : 0)
        : stored.map(StoredBitmap::flags).orElse(StoredBitmap.IN_USE);
  }

  /** Whether its bits in the image are not what they should be. */
  boolean bitsChanged() {
    return consistent && (reshaped || !dirty.isEmpty());
  }

  /** Whether anything about it in the image is not what it should be. */
  boolean changed() {
    return bitsChanged() || (consistent && enabled != wasEnabled);
  }

  /** Sets the bits of a range that is not empty. */
  void mark(long guestOffset, long length) {
    dirty.set(
        guestOffset >>> granularityBits, ((guestOffset + length - 1) >>> granularityBits) + 1);
  }

  /** Clears all bits. */
  void clear(long diskBytes) {
    storedBitCount = 0;
    reshaped = true;
    dirty = new DirtyBits(bitCount(diskBytes));
  }

  /** Has as many bits as a disk of another size; what the disk gained is not changed. */
  void resize(long diskBytes) {
    long bits = bitCount(diskBytes);
    storedBitCount = Math.min(storedBitCount, bits);
    reshaped = true;
    dirty = dirty.resized(bits);
  }

  /** Says that the image holds all of it. */
  void settled(StoredBitmap entry, long diskBytes) {
    stored = Optional.of(entry);
    wasEnabled = enabled;
    if (consistent) {
      storedBitCount = bitCount(diskBytes);
      reshaped = false;
      dirty = new DirtyBits(storedBitCount);
    }
  }
}

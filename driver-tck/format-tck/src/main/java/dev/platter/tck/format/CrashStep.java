package dev.platter.tck.format;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;

/** A request of a crash scenario; ranges are in sectors of 512 bytes, values from 0 to 63. */
public sealed interface CrashStep {

  /** A write of one value to every byte. */
  record Write(int sectorIndex, int count, int value) implements CrashStep {}

  /**
   * A write of one value to every byte, compressed where the image can do that and nothing is
   * allocated; of whole units, or up to the end of the disk.
   */
  record WriteCompressed(int sectorIndex, int count, int value) implements CrashStep {}

  /** A zero-write. */
  record Zero(int sectorIndex, int count, ZeroMode mode) implements CrashStep {}

  /** A discard. */
  record Discard(int sectorIndex, int count) implements CrashStep {}

  /** A flush. */
  record Flush() implements CrashStep {}

  /**
   * A change of size.
   *
   * @param preallocation what is reserved for a growth
   */
  record Resize(int sectorCount, Preallocation preallocation) implements CrashStep {
    /** A change of size that reserves nothing. */
    public Resize(int sectorCount) {
      this(sectorCount, Preallocation.OFF);
    }
  }

  /** An overlay is put on the running disk. */
  record Snapshot() implements CrashStep {}

  /**
   * The disk stops, its top overlay is committed into the image below and emptied, and the disk
   * runs again; without an overlay, just that it stops and runs again.
   */
  record Commit() implements CrashStep {}

  /**
   * A snapshot is taken inside the image, while no overlay is on it.
   *
   * @param name that no snapshot in the image has
   */
  record CreateInternal(String name) implements CrashStep {}

  /** The disk goes back to a snapshot inside the image. */
  record ApplyInternal(String name) implements CrashStep {}

  /** A snapshot inside the image is deleted. */
  record DeleteInternal(String name) implements CrashStep {}
}

package dev.platter.qcow2;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** The kinds of metadata that writes are kept off, in the order in which they are looked for. */
enum MetadataKind {
  HEADER("main-header", "qcow2_header"),
  ACTIVE_L1("active-l1", "active L1 table"),
  ACTIVE_L2("active-l2", "active L2 table"),
  REFCOUNT_TABLE("refcount-table", "refcount table"),
  REFCOUNT_BLOCK("refcount-block", "refcount block"),
  SNAPSHOT_TABLE("snapshot-table", "snapshot table"),
  INACTIVE_L1("inactive-l1", "inactive L1 table"),
  INACTIVE_L2("inactive-l2", "inactive L2 table"),
  BITMAP_DIRECTORY("bitmap-directory", "bitmap directory");

  /** Those whose places the header alone gives, or one table that it names. */
  static final Set<MetadataKind> CONSTANT =
      Collections.unmodifiableSet(
          EnumSet.of(HEADER, ACTIVE_L1, REFCOUNT_TABLE, SNAPSHOT_TABLE, BITMAP_DIRECTORY));

  /** Those whose places are in memory anyway. */
  static final Set<MetadataKind> CACHED =
      Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(INACTIVE_L2)));

  /** All of them; the L1 tables of all internal snapshots are read for it. */
  static final Set<MetadataKind> ALL =
      Collections.unmodifiableSet(EnumSet.allOf(MetadataKind.class));

  private final String optionName;
  private final String words;

  MetadataKind(String optionName, String words) {
    this.optionName = optionName;
    this.words = words;
  }

  /** The name that follows {@code overlap-check.} in option strings. */
  String optionName() {
    return optionName;
  }

  /** What QEMU's messages call it. */
  String words() {
    return words;
  }
}

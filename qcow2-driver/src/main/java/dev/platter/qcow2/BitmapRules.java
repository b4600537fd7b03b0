package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which bitmaps an image can hold, in QEMU's words.
 *
 * @param nodeName the node, for messages
 * @param header the image
 */
record BitmapRules(String nodeName, Qcow2Header header) {
  private static final int MAXIMUM_BITMAPS = 65535;
  private static final long MAXIMUM_DIRECTORY_BYTES = (long) MAXIMUM_BITMAPS * 1024;

  /**
   * A granularity as a logarithm.
   *
   * @throws OptionException if it is not a power of two or less than a sector
   */
  static int granularityBits(long granularityBytes) throws OptionException {
    if (granularityBytes < 512 || Long.bitCount(granularityBytes) != 1) {
      throw refused("Granularity must be power of 2 and at least 512");
    }
    return Long.numberOfTrailingZeros(granularityBytes);
  }

  /**
   * Lets a bitmap be added by returning.
   *
   * @param present the names of those that are there
   */
  void requireStorable(String name, int granularityBits, long diskBytes, List<String> present)
      throws OptionException {
    if (name.isEmpty()) {
      throw refused("Bitmap name cannot be empty");
    }
    if (present.contains(name)) {
      throw refused("Bitmap already exists: " + name);
    }
    try {
      requireVersion();
      requireFits(granularityBits, diskBytes);
      requireNameAndRoom(name, present);
    } catch (OptionException e) {
      String prefix = "Can't make bitmap '%s' persistent in '%s': ".formatted(name, nodeName);
      throw new OptionException(e.problems().getFirst().prefixed(prefix));
    }
  }

  /** Whether the image's version has bitmaps. */
  boolean possible() {
    return header.version() >= 3;
  }

  private void requireVersion() throws OptionException {
    if (!possible()) {
      throw refused("Cannot store dirty bitmaps in qcow2 v2 files");
    }
  }

  /** Lets a bitmap be about a disk of this size by returning. */
  void requireFits(int granularityBits, long diskBytes) throws OptionException {
    if (granularityBits > StoredBitmap.MAXIMUM_GRANULARITY_BITS) {
      throw refused(
          "Granularity exceeds maximum (%d bytes)"
              .formatted(1L << StoredBitmap.MAXIMUM_GRANULARITY_BITS));
    }
    long bytes = Math.ceilDiv(Math.ceilDiv(diskBytes, 1L << granularityBits), Byte.SIZE);
    if (header.geometry().clusterCount(bytes)
        > StoredBitmap.MAXIMUM_BITMAP_BYTES / header.geometry().clusterBytes()) {
      throw refused("Too much space will be occupied by the bitmap. Use larger granularity");
    }
    if (diskBytes == 0) {
      throw refused("the disk is empty");
    }
  }

  private static void requireNameAndRoom(String name, List<String> present) throws OptionException {
    if (name.getBytes(StandardCharsets.UTF_8).length > StoredBitmap.MAXIMUM_NAME_BYTES) {
      throw refused(
          "Name length exceeds maximum (%d characters)".formatted(StoredBitmap.MAXIMUM_NAME_BYTES));
    }
    if (present.size() >= MAXIMUM_BITMAPS) {
      throw refused("Maximum number of persistent bitmaps is already reached");
    }
    List<String> names = new ArrayList<>(present);
    names.add(name);
    if (StoredBitmap.directoryBytes(names) > MAXIMUM_DIRECTORY_BYTES) {
      throw refused("Not enough space in the bitmap directory");
    }
  }

  private static OptionException refused(String message) {
    return new OptionException(OptionProblem.of("bitmap", message));
  }
}

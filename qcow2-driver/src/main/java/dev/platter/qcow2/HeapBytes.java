package dev.platter.qcow2;

/**
 * What objects take on the heap of a 64-bit virtual machine with compressed references: how caches
 * count what they hold. On heaps of 32 GiB and more, references are twice as long.
 */
final class HeapBytes {
  /** A reference in an object or an array. */
  static final int REFERENCE = 4;

  private static final int OBJECT_HEADER = 12;
  private static final int ARRAY_HEADER = 16;
  private static final int ALIGNMENT = 8;

  private HeapBytes() {}

  /** An object whose fields take so many bytes. */
  static int object(int fieldBytes) {
    return aligned(OBJECT_HEADER + fieldBytes);
  }

  /** An array whose elements take so many bytes. */
  static int array(long elementBytes) {
    return aligned(ARRAY_HEADER + elementBytes);
  }

  private static int aligned(long bytes) {
    return Math.toIntExact((bytes + ALIGNMENT - 1) & -ALIGNMENT);
  }
}

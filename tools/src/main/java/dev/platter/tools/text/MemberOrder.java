package dev.platter.tools.text;

import java.util.Comparator;

/**
 * The order in which QEMU prints the members of a JSON object.
 *
 * <p>QEMU keeps them in a hash table of 512 buckets and prints it from the first bucket to the
 * last. The order means nothing, but scripts compare text, so the hash is part of the output. It is
 * that of gdbm; members that share a bucket come newest first.
 */
final class MemberOrder {
  private static final int BUCKET_COUNT = 512;

  /** Orders names by their buckets. */
  static final Comparator<String> BY_BUCKET = Comparator.comparingInt(MemberOrder::bucket);

  private MemberOrder() {}

  private static int bucket(String name) {
    int hash = 0x238F13AF * name.length();
    for (int i = 0; i < name.length(); i++) {
      hash += name.charAt(i) << (i * 5 % 24);
    }
    return Integer.remainderUnsigned(1103515243 * hash + 12345, BUCKET_COUNT);
  }
}

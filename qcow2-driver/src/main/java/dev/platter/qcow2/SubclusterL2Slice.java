package dev.platter.qcow2;

import java.nio.ByteBuffer;

/**
 * A slice of extended entries: a slice of their first words, in any form, and beside it their
 * bitmaps. So the forms for standard entries serve both, and know nothing of bitmaps.
 */
final class SubclusterL2Slice implements L2Slice {
  /** Words of an extended entry. */
  static final int WORDS = 2;

  private static final int OBJECT_BYTES = HeapBytes.object(2 * HeapBytes.REFERENCE);

  private final L2Slice firstWords;
  private final SubclusterBitmaps bitmaps;

  private SubclusterL2Slice(L2Slice firstWords, SubclusterBitmaps bitmaps) {
    this.firstWords = firstWords;
    this.bitmaps = bitmaps;
  }

  /** A slice in which nothing is allocated. */
  static SubclusterL2Slice empty(int entryCount, int clusterBits) {
    return new SubclusterL2Slice(
        new EmptyL2Slice(entryCount, clusterBits), SubclusterBitmaps.uniform(0));
  }

  /** A slice whose words are kept as they are. */
  static SubclusterL2Slice raw(long[] words, int clusterBits) {
    return new SubclusterL2Slice(
        new RawL2Slice(column(words, 0), clusterBits), SubclusterBitmaps.raw(column(words, 1)));
  }

  /**
   * A slice in the smallest form.
   *
   * @param empty stands for every slice in which nothing is allocated
   */
  static L2Slice smallest(long[] words, int clusterBits, SubclusterL2Slice empty) {
    L2Slice firstWords = SliceForm.smallest(column(words, 0), clusterBits, empty.firstWords);
    SubclusterBitmaps bitmaps = SubclusterBitmaps.smallest(column(words, 1));
    boolean nothing = firstWords instanceof EmptyL2Slice && bitmaps.uniformly(0);
    return nothing ? empty : new SubclusterL2Slice(firstWords, bitmaps);
  }

  /** The most that a slice of so many entries takes. */
  static int maximumBytes(int entryCount) {
    return OBJECT_BYTES
        + RawL2Slice.heldBytes(entryCount)
        + SubclusterBitmaps.maximumBytes(entryCount);
  }

  @Override
  public int entryCount() {
    return firstWords.entryCount();
  }

  @Override
  public int clusterBits() {
    return firstWords.clusterBits();
  }

  @Override
  public int wordsPerEntry() {
    return WORDS;
  }

  @Override
  public long entry(int index) {
    return firstWords.entry(index);
  }

  @Override
  public long bitmap(int index) {
    return bitmaps.get(index);
  }

  /** {@inheritDoc} Entries go on with a run if all of its subclusters are in one state. */
  @Override
  public int run(int index, int maximum) {
    int run = firstWords.run(index, maximum);
    long bitmap = bitmap(index);
    if (Subclusters.run(bitmap, 0) < Subclusters.COUNT) {
      return 1;
    }
    int same = 1;
    while (same < run && bitmap(index + same) == bitmap) {
      same++;
    }
    return same;
  }

  @Override
  public int unallocatedStart(int index) {
    int start = index + 1;
    int least = firstWords.unallocatedStart(index);
    while (start > least && bitmap(start - 1) == 0) {
      start--;
    }
    return start;
  }

  @Override
  public int heldBytes() {
    return OBJECT_BYTES + firstWords.heldBytes() + bitmaps.heldBytes();
  }

  @Override
  public long[] words() {
    long[] words = new long[WORDS * entryCount()];
    for (int i = 0; i < entryCount(); i++) {
      words[WORDS * i] = entry(i);
      words[WORDS * i + 1] = bitmap(i);
    }
    return words;
  }

  @Override
  public L2Slice with(int index, long... replacements) {
    long[] changed = words();
    System.arraycopy(replacements, 0, changed, WORDS * index, replacements.length);
    return raw(changed, clusterBits());
  }

  @Override
  public void encode(ByteBuffer bytes) {
    for (int i = 0; i < entryCount(); i++) {
      bytes.putLong(entry(i));
      bytes.putLong(bitmap(i));
    }
  }

  private static long[] column(long[] words, int ordinal) {
    long[] column = new long[words.length / WORDS];
    for (int i = 0; i < column.length; i++) {
      column[i] = words[WORDS * i + ordinal];
    }
    return column;
  }
}

package dev.platter.qcow2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A slice that keeps each entry in as many bits as its slice needs (frame of reference).
 *
 * <p>An entry is turned so that the number of its host cluster stands in the low bits and its flags
 * above them; where there are compressed clusters it stays as it is, the byte offset below the rest
 * of the descriptor. Both parts are kept as the distance from the smallest of the slice, in as many
 * bits as the largest needs:
 *
 * <pre>
 * entry     COPIED | COMPRESSED | … cluster number … | … | ZERO
 * turned    … | ZERO | COPIED | COMPRESSED      cluster number
 * code      flags - smallest                    0, or cluster number - smallest + 1
 * </pre>
 *
 * <p>A number of 0 is kept as 0, so that entries without a host cluster do not widen the frame. 20
 * GiB in any order need 19 bits an entry.
 *
 * <ul>
 *   <li><b>I1</b> A code fits in {@link #MAXIMUM_CODE_BITS}, so that it lies within the 8 bytes
 *       from the byte in which it begins; behind the last code there are bytes to spare for that.
 *   <li><b>I2</b> Turning loses no bit, so every word comes out as it went in.
 * </ul>
 */
final class PackedL2Slice implements L2Slice {
  /** The longest code that can begin at any bit of a byte and be loaded as one word. */
  static final int MAXIMUM_CODE_BITS = 56;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int OBJECT_BYTES =
      HeapBytes.object(HeapBytes.REFERENCE + 6 * Integer.BYTES + 2 * Long.BYTES);

  private final byte[] codes;
  private final int entryCount;
  private final int clusterBits;
  private final int turnBits;
  private final int splitBits;
  private final int codeBits;
  private final int numberBits;
  private final long smallestNumber;
  private final long smallestFlags;

  /**
   * How the entries of one slice are split and from where their parts are counted.
   *
   * @param turnBits by how many bits entries are turned to the right
   * @param splitBits how many of the low bits are the number then
   * @param numberBits bits of a number's code
   * @param flagBits bits of the flags' code
   */
  record Frame(
      int turnBits,
      int splitBits,
      long smallestNumber,
      int numberBits,
      long smallestFlags,
      int flagBits) {

    /** The frame of entries, at least one. */
    static Frame of(long[] entries, int clusterBits) {
      long union = 0;
      for (long entry : entries) {
        union |= entry;
      }
      boolean compressed = (union & L2Entry.COMPRESSED) != 0;
      int turn = compressed ? 0 : clusterBits;
      int split = compressed ? L2Entry.compressedOffsetBits(clusterBits) : 62 - clusterBits;
      long smallestNumber = Long.MAX_VALUE;
      long largestNumber = 0;
      long smallestFlags = Long.MAX_VALUE;
      long largestFlags = 0;
      for (long entry : entries) {
        long turned = Long.rotateRight(entry, turn);
        long number = turned & lowBits(split);
        if (number != 0) {
          smallestNumber = Math.min(smallestNumber, number);
          largestNumber = Math.max(largestNumber, number);
        }
        smallestFlags = Math.min(smallestFlags, turned >>> split);
        largestFlags = Math.max(largestFlags, turned >>> split);
      }
      long numberCodes = largestNumber == 0 ? 0 : largestNumber - smallestNumber + 1;
      return new Frame(
          turn,
          split,
          smallestNumber,
          bitsFor(numberCodes),
          smallestFlags,
          bitsFor(largestFlags - smallestFlags));
    }

    int codeBits() {
      return numberBits + flagBits;
    }

    /** Whether a slice can have this frame (I1). */
    boolean fits() {
      return codeBits() <= MAXIMUM_CODE_BITS;
    }

    /** What a slice of so many entries takes. */
    int heldBytes(int entryCount) {
      return OBJECT_BYTES + HeapBytes.array(codeBytes(entryCount, codeBits()));
    }

    private long code(long entry) {
      long turned = Long.rotateRight(entry, turnBits);
      long number = turned & lowBits(splitBits);
      long numberCode = number == 0 ? 0 : number - smallestNumber + 1;
      return (((turned >>> splitBits) - smallestFlags) << numberBits) | numberCode;
    }
  }

  private PackedL2Slice(byte[] codes, int entryCount, int clusterBits, Frame frame) {
    this.codes = codes;
    this.entryCount = entryCount;
    this.clusterBits = clusterBits;
    this.turnBits = frame.turnBits();
    this.splitBits = frame.splitBits();
    this.codeBits = frame.codeBits();
    this.numberBits = frame.numberBits();
    this.smallestNumber = frame.smallestNumber();
    this.smallestFlags = frame.smallestFlags();
  }

  /**
   * Encodes entries.
   *
   * @param frame theirs; it {@link Frame#fits}
   */
  static PackedL2Slice of(long[] entries, int clusterBits, Frame frame) {
    int codeBits = frame.codeBits();
    byte[] codes = new byte[codeBytes(entries.length, codeBits)];
    long bit = 0;
    for (long entry : entries) {
      int at = (int) (bit >>> 3);
      long word = (long) WORD.get(codes, at);
      WORD.set(codes, at, word | (frame.code(entry) << (bit & 7)));
      bit += codeBits;
    }
    return new PackedL2Slice(codes, entries.length, clusterBits, frame);
  }

  @Override
  public int entryCount() {
    return entryCount;
  }

  @Override
  public int clusterBits() {
    return clusterBits;
  }

  @Override
  public long entry(int index) {
    long bit = (long) index * codeBits;
    long code = (long) WORD.get(codes, (int) (bit >>> 3)) >>> (bit & 7);
    long numberCode = code & lowBits(numberBits);
    long number = numberCode == 0 ? 0 : numberCode - 1 + smallestNumber;
    long flags = ((code & lowBits(codeBits)) >>> numberBits) + smallestFlags;
    return Long.rotateLeft((flags << splitBits) | number, turnBits); // I2
  }

  @Override
  public int run(int index, int maximum) {
    int end = (int) Math.min(entryCount, (long) index + maximum);
    if (end - index == 1) {
      return 1;
    }
    int next = index + 1;
    long last = entry(index);
    while (next < end && L2Entry.follows(last, entry(next), clusterBits)) {
      last = entry(next);
      next++;
    }
    return next - index;
  }

  @Override
  public int heldBytes() {
    return OBJECT_BYTES + HeapBytes.array(codes.length);
  }

  private static int codeBytes(int entryCount, int codeBits) {
    return (int) (((long) entryCount * codeBits + 7) / 8) + Long.BYTES; // I1
  }

  private static int bitsFor(long largest) {
    return Long.SIZE - Long.numberOfLeadingZeros(largest);
  }

  private static long lowBits(int count) {
    return (1L << count) - 1;
  }
}

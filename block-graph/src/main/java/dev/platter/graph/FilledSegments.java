package dev.platter.graph;

import java.util.Arrays;
import java.util.Random;

/**
 * The numbers of the segments that are filled, from which any one can be taken. Guarded by the
 * index's lock.
 *
 * <p>I1: there is room for at most twice as many numbers as there are, and a few.
 */
final class FilledSegments {
  /** What a number takes of memory at most; the room for the first few is not counted. */
  static final int NUMBER_BYTES = 2 * Integer.BYTES;

  private static final int FIRST_ROOM = 16;

  private final Random random = new Random(0);
  private int[] numbers = new int[FIRST_ROOM];
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  /** How many numbers there is room for. */
  int room() {
    return numbers.length;
  }

  /** Makes room for one more, if there is none. */
  void reserve() {
    if (count == numbers.length) {
      makeRoom();
    }
  }

  /** Adds one for which there is room. */
  void add(int number) {
    numbers[count++] = number;
  }

  /** Takes one out; there is at least one. */
  int removeAny() {
    if (numbers.length > 2 * (count - 1 + FIRST_ROOM)) { // I1
      makeRoom();
    }
    int place = random.nextInt(count);
    int number = numbers[place];
    numbers[place] = numbers[--count];
    return number;
  }

  /**
   * A quarter more than is used: far from where it is too little, and from where it is too much.
   */
  private void makeRoom() {
    numbers = Arrays.copyOf(numbers, count + count / 4 + FIRST_ROOM);
  }
}

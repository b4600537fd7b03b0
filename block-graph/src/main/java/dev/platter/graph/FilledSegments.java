package dev.platter.graph;

import java.util.Arrays;
import java.util.Random;

/**
 * The numbers of the segments that are filled, from which any one can be taken. Guarded by the
 * index's lock.
 */
final class FilledSegments {
  private static final int FIRST_ROOM = 16;

  private final Random random = new Random(0);
  private int[] numbers = new int[FIRST_ROOM];
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  void add(int number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
    }
    numbers[count++] = number;
  }

  /** Takes one out; there is at least one. */
  int removeAny() {
    int place = random.nextInt(count);
    int number = numbers[place];
    numbers[place] = numbers[--count];
    return number;
  }
}

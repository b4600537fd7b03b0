package dev.platter.qcow2;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * The states in which a power cut may leave a file: all before the last completed flush, and any of
 * the rest, one write of it torn at a sector.
 */
final class PowerCuts {
  private static final int SECTOR = 512;
  private static final int ENUMERATED = 6;
  private static final int RANDOM_STATES = 12;

  /**
   * A state.
   *
   * @param position how many operations of the log had been issued
   * @param description which of them are there
   */
  record State(MemoryNode node, int position, String description) {}

  private PowerCuts() {}

  /** Where the power may be cut: before each flush of the log, and at its end. */
  static List<Integer> positions(List<Operation> log) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < log.size(); i++) {
      if (log.get(i) instanceof Operation.Flush) {
        positions.add(i);
      }
    }
    positions.add(log.size());
    return positions;
  }

  /** The states after a cut at a position. */
  static List<State> states(MemoryNode before, List<Operation> log, int position, Random random)
      throws IOException {
    int durable = position;
    while (durable > 0 && !(log.get(durable - 1) instanceof Operation.Flush)) {
      durable--;
    }
    MemoryNode base = before.copy();
    for (Operation operation : log.subList(0, durable)) {
      apply(base, operation, false);
    }
    List<Operation> pending = log.subList(durable, position);
    List<State> states = new ArrayList<>();
    for (BitSet subset : subsets(pending.size(), random)) {
      int torn =
          subset.isEmpty()
              ? -1
              : random.nextInt(2) == 0 ? subset.previousSetBit(subset.length()) : -1;
      MemoryNode node = base.copy();
      for (int i = subset.nextSetBit(0); i >= 0; i = subset.nextSetBit(i + 1)) {
        apply(node, pending.get(i), i == torn);
      }
      states.add(
          new State(
              node,
              position,
              "cut at %d, with %s of %d pending, %d torn"
                  .formatted(position, subset, pending.size(), torn)));
    }
    return states;
  }

  private static List<BitSet> subsets(int size, Random random) {
    List<BitSet> subsets = new ArrayList<>();
    if (size <= ENUMERATED) {
      for (long bits = 0; bits < 1L << size; bits++) {
        subsets.add(BitSet.valueOf(new long[] {bits}));
      }
      return subsets;
    }
    BitSet all = new BitSet();
    all.set(0, size);
    subsets.add(new BitSet());
    subsets.add(all);
    for (int i = 0; i < size; i++) {
      BitSet one = new BitSet();
      one.set(i);
      subsets.add(one);
      BitSet others = (BitSet) all.clone();
      others.clear(i);
      subsets.add(others);
    }
    for (int i = 0; i < RANDOM_STATES; i++) {
      BitSet some = new BitSet();
      for (int bit = 0; bit < size; bit++) {
        some.set(bit, random.nextBoolean());
      }
      subsets.add(some);
    }
    return subsets;
  }

  private static void apply(MemoryNode node, Operation operation, boolean torn) throws IOException {
    switch (operation) {
      case Operation.Write write -> {
        MemorySegment bytes = write.bytes();
        long sectors = bytes.byteSize() / SECTOR;
        long kept = torn && sectors > 1 ? sectors / 2 * SECTOR : bytes.byteSize();
        node.write(write.offset(), bytes.asSlice(0, kept));
      }
      case Operation.WriteZeroes zeroes ->
          node.writeZeroes(zeroes.offset(), zeroes.length(), zeroes.mode());
      case Operation.Discard discard -> {
        if (discard.offset() + discard.length() <= node.size()) {
          node.discard(discard.offset(), discard.length());
        }
      }
      case Operation.Read _, Operation.Flush _, Operation.Resize _, Operation.Mark _ -> {}
    }
  }
}

package dev.platter.tck.crash;

import dev.platter.tck.crash.Survivors.Tear;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The changes since the last flush of their disks: each may be lost, and they may have reached the
 * disks in any order.
 */
final class Window {
  private static final int ENUMERATED_CHANGES = 6;
  private static final int PERMUTED_CHANGES = 4;
  private static final int RANDOM_SUBSETS = 24;

  private final SplittableRandom random;
  private final List<Change> changes = new ArrayList<>();

  Window(SplittableRandom random) {
    this.random = random;
  }

  /** Looks at some changes. */
  @FunctionalInterface
  interface Visitor {
    void visit(Survivors survivors) throws IOException;
  }

  void add(Change change) {
    changes.add(change);
  }

  boolean holds(int diskIndex) {
    return changes.stream().anyMatch(change -> change.diskIndex() == diskIndex);
  }

  /** Takes out the changes of a disk, in order: they are durable now. */
  List<Change> takeDurable(int diskIndex) {
    List<Change> durable =
        changes.stream().filter(change -> change.diskIndex() == diskIndex).toList();
    changes.removeAll(durable);
    return durable;
  }

  /** Visits what may have survived. */
  void forEach(Visitor visitor) throws IOException {
    if (changes.size() <= ENUMERATED_CHANGES) {
      for (int subset = 0; subset < 1 << changes.size(); subset++) {
        enumerate(chosen(subset), visitor);
      }
    } else {
      sample(visitor);
    }
  }

  private List<Change> chosen(int subset) {
    List<Change> chosen = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      if ((subset >>> i & 1) != 0) {
        chosen.add(changes.get(i));
      }
    }
    return chosen;
  }

  private static void enumerate(List<Change> chosen, Visitor visitor) throws IOException {
    visitor.visit(Survivors.whole(chosen));
    for (List<Change> reordered : otherOrders(chosen)) {
      visitor.visit(Survivors.whole(reordered));
    }
    for (int torn = 0; torn < chosen.size(); torn++) {
      for (Tear tear : chosen.get(torn).tears()) {
        visitor.visit(Survivors.torn(chosen, torn, tear));
      }
    }
  }

  /** The other orders that make a difference: those of changes that overlap. */
  private static List<List<Change>> otherOrders(List<Change> chosen) {
    List<Change> overlapping = new ArrayList<>();
    for (Change change : chosen) {
      if (chosen.stream()
          .anyMatch(other -> other.index() != change.index() && other.overlaps(change))) {
        overlapping.add(change);
      }
    }
    if (overlapping.size() > PERMUTED_CHANGES) {
      return List.of(chosen.reversed());
    }
    List<Change> others = new ArrayList<>(chosen);
    others.removeAll(overlapping);
    List<List<Change>> orders = new ArrayList<>();
    permute(others, overlapping, orders);
    orders.removeFirst(); // The order of the log.
    return orders;
  }

  private static void permute(List<Change> start, List<Change> rest, List<List<Change>> orders) {
    if (rest.isEmpty()) {
      orders.add(start);
    }
    for (Change next : rest) {
      List<Change> longer = new ArrayList<>(start);
      longer.add(next);
      List<Change> fewer = new ArrayList<>(rest);
      fewer.remove(next);
      permute(longer, fewer, orders);
    }
  }

  private void sample(Visitor visitor) throws IOException {
    sample(changes, visitor);
    for (int i = 0; i < changes.size(); i++) {
      sample(changes.subList(0, i), visitor);
      sample(changes.subList(i, i + 1), visitor);
      List<Change> allButOne = new ArrayList<>(changes);
      allButOne.remove(i);
      sample(allButOne, visitor);
    }
    for (int i = 0; i < RANDOM_SUBSETS; i++) {
      sample(changes.stream().filter(_ -> random.nextBoolean()).toList(), visitor);
    }
  }

  private void sample(List<Change> view, Visitor visitor) throws IOException {
    List<Change> chosen = List.copyOf(view);
    visitor.visit(Survivors.whole(chosen));
    if (chosen.isEmpty()) {
      return;
    }
    int torn = random.nextInt(chosen.size());
    List<Tear> tears = chosen.get(torn).tears();
    if (!tears.isEmpty()) {
      visitor.visit(Survivors.torn(chosen, torn, tears.get(random.nextInt(tears.size()))));
    }
    if (random.nextBoolean() && !otherOrders(chosen).isEmpty()) {
      visitor.visit(Survivors.whole(chosen.reversed()));
    }
  }
}

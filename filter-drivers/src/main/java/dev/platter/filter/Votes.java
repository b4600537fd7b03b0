package dev.platter.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Votes for values.
 *
 * <p>Threads: one.
 *
 * @param <V> a value; equal ones are one
 * @param <W> who has voted
 */
final class Votes<V, W> {
  private final SequencedMap<V, List<W>> voters = new LinkedHashMap<>();

  void add(V value, W voter) {
    voters.computeIfAbsent(value, _ -> new ArrayList<>()).add(voter);
  }

  /** What was voted for, in the order in which it was named first. */
  List<V> values() {
    return List.copyOf(voters.keySet());
  }

  /** The value with most votes, of which there must be one; of equals, the one named last. */
  Map.Entry<V, List<W>> winner() {
    Map.Entry<V, List<W>> winner = voters.lastEntry();
    for (Map.Entry<V, List<W>> each : voters.sequencedEntrySet().reversed()) {
      if (each.getValue().size() > winner.getValue().size()) {
        winner = each;
      }
    }
    return winner;
  }

  /** Who has voted for another value. */
  List<W> against(V value) {
    List<W> others = new ArrayList<>();
    voters.forEach(
        (each, theirs) -> {
          if (!each.equals(value)) {
            others.addAll(theirs);
          }
        });
    return others;
  }
}

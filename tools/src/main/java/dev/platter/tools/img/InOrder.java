package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Does numbered pieces of work one at a time, in the order of their numbers, from 0 on. Whoever
 * brings the piece that is next does it, and then those behind it that are there already; whoever
 * brings another one leaves it here and goes on. So nobody waits for a turn, and nobody has to be
 * woken, which on a busy host takes longer than a piece does.
 */
final class InOrder {
  private final Map<Long, Work> ready = new HashMap<>();
  private long next;
  private boolean busy;

  /** A piece of work. */
  @FunctionalInterface
  interface Work {
    void perform() throws CommandFailure;
  }

  /**
   * Takes a piece of work, which is done by the time all numbers up to its own have been submitted
   * and all these calls have returned.
   *
   * @throws CommandFailure of this piece or of one behind it; nothing is done after that
   */
  void submit(long number, Work work) throws CommandFailure {
    Optional<Work> piece = begin(number, work);
    while (piece.isPresent()) {
      piece.get().perform();
      piece = following();
    }
  }

  private synchronized Optional<Work> begin(long number, Work work) {
    ready.put(number, work);
    if (busy) {
      return Optional.empty();
    }
    Optional<Work> piece = Optional.ofNullable(ready.remove(next));
    busy = piece.isPresent();
    return piece;
  }

  private synchronized Optional<Work> following() {
    next++;
    Optional<Work> piece = Optional.ofNullable(ready.remove(next));
    busy = piece.isPresent();
    return piece;
  }
}

package dev.platter.filter;

import dev.platter.api.error.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of one {@code blkdebug} node, and the state that they go by, which begins as 1.
 *
 * <ul>
 *   <li>I1. An event is seen by all rules in the state that was there before it.
 *   <li>I2. The errors that wait for requests are those of the last event that had any: so an error
 *       without {@code once} goes on until another event replaces it.
 * </ul>
 *
 * <p>Threads: any number.
 */
final class DebugRules {
  private final List<DebugRule> rules;
  private List<DebugRule.InjectError> active = new ArrayList<>();
  private long state = 1;

  DebugRules(List<DebugRule> rules) {
    this.rules = new ArrayList<>(rules);
    announced("none");
  }

  /** An event has been announced. */
  synchronized void announced(String event) {
    List<DebugRule.InjectError> errors = new ArrayList<>();
    long newState = state;
    for (DebugRule rule : rules) {
      if (!rule.event().equals(event) || (rule.state() != 0 && rule.state() != state)) {
        continue;
      }
      switch (rule) {
        case DebugRule.InjectError error -> errors.addFirst(error);
        case DebugRule.SetState change -> newState = change.newState();
      }
    }
    if (!errors.isEmpty()) {
      active = errors; // I2
    }
    state = newState; // I1
  }

  /** The error for a request, if it is to fail. */
  synchronized Optional<Errno> errorFor(DebugRule.IoType type, long offset, long length) {
    Optional<DebugRule.InjectError> hit =
        active.stream().filter(error -> error.hits(type, offset, length)).findFirst();
    if (hit.isPresent() && hit.get().once()) {
      active.remove(hit.get());
      rules.remove(hit.get());
    }
    return hit.map(DebugRule.InjectError::errno);
  }
}

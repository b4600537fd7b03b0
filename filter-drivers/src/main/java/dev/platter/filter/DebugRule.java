package dev.platter.filter;

import dev.platter.api.error.Errno;
import dev.platter.api.option.OptionType;
import java.util.OptionalLong;
import java.util.Set;

/** What {@code blkdebug} does when a driver above announces an event. */
sealed interface DebugRule {

  /** The kinds of requests that can fail. */
  enum IoType implements OptionType.Word {
    READ("read"),
    WRITE("write"),
    WRITE_ZEROES("write-zeroes"),
    DISCARD("discard"),
    FLUSH("flush"),
    BLOCK_STATUS("block-status");

    private final String word;

    IoType(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  /** The event that it waits for. */
  String event();

  /** The state in which it applies; 0 for any. */
  long state();

  /**
   * Fails requests from the event on, until another event has something to fail.
   *
   * @param errno the error
   * @param offset of a byte that a request must cover to fail; any request fails without it
   * @param once whether the rule is gone after one failure
   * @param types the kinds of requests that fail
   */
  record InjectError(
      String event, long state, Errno errno, OptionalLong offset, boolean once, Set<IoType> types)
      implements DebugRule {

    boolean hits(IoType type, long at, long length) {
      boolean covered =
          offset.isEmpty()
              || (length > 0 && at <= offset.getAsLong() && offset.getAsLong() < at + length);
      return covered && types.contains(type);
    }
  }

  /** Changes the state. */
  record SetState(String event, long state, long newState) implements DebugRule {}
}

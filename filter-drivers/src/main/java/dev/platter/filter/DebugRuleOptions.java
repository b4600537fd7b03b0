package dev.platter.filter;

import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** The rules of {@code blkdebug} as options: {@code inject-error.0.event=l2_load}. */
final class DebugRuleOptions {
  static final String INJECT_ERROR = "inject-error";
  static final String SET_STATE = "set-state";

  private static final int SECTOR_BYTES = 512;
  private static final Option<String> EVENT =
      Option.text("event")
          .doc("The event that the rule waits for, such as l2_load; none for at once.")
          .since("2.0")
          .build();
  private static final Option<Long> STATE =
      Option.number("state", 0, Integer.MAX_VALUE)
          .defaultValue(0L)
          .doc("The state in which the rule applies; 0 for any.")
          .since("2.0")
          .build();
  private static final Option<Long> NEW_STATE =
      Option.number("new_state", 0, Integer.MAX_VALUE)
          .doc("The state from then on; the first is 1.")
          .since("2.0")
          .build();
  private static final Option<Long> ERRNO =
      Option.number("errno", 0, 4095)
          .defaultValue((long) Errno.EIO.code())
          .doc("The error's number on Linux.")
          .since("2.0")
          .build();
  private static final Option<Long> SECTOR =
      Option.number("sector", -1, Long.MAX_VALUE / SECTOR_BYTES)
          .defaultValue(-1L)
          .doc("The sector of 512 bytes that a request must cover to fail; -1 for any.")
          .since("2.0")
          .build();
  private static final Option<Boolean> ONCE =
      Option.flag("once")
          .defaultValue(false)
          .doc("Whether the rule is gone after one failure.")
          .since("2.0")
          .build();
  private static final Option<Boolean> IMMEDIATELY =
      Option.flag("immediately")
          .defaultValue(false)
          .doc("Whether the error is reported at once; here it always is.")
          .since("2.0")
          .build();
  private static final Option<DebugRule.IoType> IOTYPE =
      Option.choice("iotype", DebugRule.IoType.class)
          .defaultText("all but block-status")
          .doc("The kind of requests that fail.")
          .since("4.1")
          .build();

  static final OptionSchema INJECT_ERROR_FIELDS =
      OptionSchema.of(EVENT, STATE, IOTYPE, ERRNO, SECTOR, ONCE, IMMEDIATELY);
  static final OptionSchema SET_STATE_FIELDS = OptionSchema.of(EVENT, STATE, NEW_STATE);

  private DebugRuleOptions() {}

  /** The rules among a node's options. */
  static List<DebugRule> read(OptionValues values) throws OptionException {
    List<DebugRule> rules = new ArrayList<>();
    for (OptionValues fields : values.group(INJECT_ERROR)) {
      rules.add(injectError(fields));
    }
    for (OptionValues fields : values.group(SET_STATE)) {
      rules.add(setState(fields));
    }
    return rules;
  }

  static DebugRule injectError(OptionValues fields) throws OptionException {
    long sector = fields.get(SECTOR);
    Set<DebugRule.IoType> types =
        fields
            .given(IOTYPE)
            .<Set<DebugRule.IoType>>map(EnumSet::of)
            .orElseGet(() -> EnumSet.complementOf(EnumSet.of(DebugRule.IoType.BLOCK_STATUS)));
    return new DebugRule.InjectError(
        event(INJECT_ERROR, fields),
        fields.get(STATE),
        Errno.of(Math.toIntExact(fields.get(ERRNO))),
        sector < 0 ? OptionalLong.empty() : OptionalLong.of(sector * SECTOR_BYTES),
        fields.get(ONCE),
        types);
  }

  static DebugRule setState(OptionValues fields) throws OptionException {
    long newState = fields.given(NEW_STATE).orElseThrow(() -> missing(SET_STATE, NEW_STATE.name()));
    return new DebugRule.SetState(event(SET_STATE, fields), fields.get(STATE), newState);
  }

  private static String event(String group, OptionValues fields) throws OptionException {
    String event = fields.given(EVENT).orElseThrow(() -> missing(group, EVENT.name()));
    if (!DebugEvents.known(event)) {
      throw new OptionException(OptionProblem.of(group, "invalid parameter value: " + event));
    }
    return event;
  }

  private static OptionException missing(String group, String field) {
    return new OptionException(
        OptionProblem.of(group, "Missing %s name for rule".formatted(field)));
  }
}

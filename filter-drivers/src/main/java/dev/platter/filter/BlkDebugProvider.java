package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Filter driver {@code blkdebug}. */
public final class BlkDebugProvider implements FilterDriverProvider {
  private static final String IMAGE = "image";

  static final Option<String> CONFIG =
      Option.text("config")
          .doc("A file with sections [inject-error] and [set-state].")
          .since("0.13")
          .build();
  static final Option<Long> ALIGN =
      Option.size("align")
          .defaultText("that of the node below")
          .doc(
              "What requests are rounded to, writes by reading what is around them; a power of"
                  + " two.")
          .since("1.7")
          .build();
  static final Option<Long> MAX_TRANSFER =
      Option.size("max-transfer")
          .defaultText("that of the node below")
          .doc("The length beyond which requests are told to be split; a multiple of align.")
          .since("2.10")
          .build();
  static final Option<Long> OPT_WRITE_ZERO =
      Option.size("opt-write-zero")
          .defaultText("that of the node below")
          .doc(
              "Zero-writes are split at multiples of it, and less is written as data; a multiple"
                  + " of align.")
          .since("2.10")
          .build();
  static final Option<Long> MAX_WRITE_ZERO =
      Option.size("max-write-zero")
          .defaultText("no bound")
          .doc("The length that zero-writes are split into; a multiple of opt-write-zero.")
          .since("2.10")
          .build();
  static final Option<Long> OPT_DISCARD =
      Option.size("opt-discard")
          .defaultText("that of the node below")
          .doc("Discards are split at multiples of it; a multiple of align.")
          .since("2.10")
          .build();

  static final Option<Long> MAX_DISCARD =
      Option.size("max-discard")
          .defaultText("no bound")
          .doc("The length that discards are split into; a multiple of opt-discard.")
          .since("2.10")
          .build();

  static final Option<DebugPermissions.Word> TAKE_CHILD_PERMS =
      permissions("take-child-perms", "What is done with the node below in any case.");
  static final Option<DebugPermissions.Word> UNSHARE_CHILD_PERMS =
      permissions("unshare-child-perms", "What no other user of the node below may do.");

  private static Option<DebugPermissions.Word> permissions(String name, String doc) {
    return Option.choice(
            name, DebugPermissions.Word.class, "Parameter 'null' does not accept value '%s'")
        .doc(doc)
        .since("5.0")
        .build();
  }

  /** For {@link java.util.ServiceLoader}. */
  public BlkDebugProvider() {}

  @Override
  public String name() {
    return "blkdebug";
  }

  @Override
  public String description() {
    return "Fails requests by rules that wait for what the driver above is about to do.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(
            CONFIG, ALIGN, MAX_TRANSFER, OPT_WRITE_ZERO, MAX_WRITE_ZERO, OPT_DISCARD, MAX_DISCARD)
        .withGroup(DebugRuleOptions.INJECT_ERROR, DebugRuleOptions.INJECT_ERROR_FIELDS)
        .withGroup(DebugRuleOptions.SET_STATE, DebugRuleOptions.SET_STATE_FIELDS)
        .withList(TAKE_CHILD_PERMS)
        .withList(UNSHARE_CHILD_PERMS);
  }

  @Override
  public Set<String> childRoles() {
    return Set.of(IMAGE);
  }

  @Override
  public String inputRole() {
    return IMAGE;
  }

  @Override
  public boolean standsForProtocol() {
    return true;
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    OptionValues options = opening.options();
    DebugPermissions permissions =
        DebugPermissions.of(options.list(TAKE_CHILD_PERMS), options.list(UNSHARE_CHILD_PERMS));
    if (permissions.writes() && opening.child().readOnly()) {
      throw new OptionException(
          OptionProblem.of(TAKE_CHILD_PERMS.name() + ".0", "Block node is read-only"));
    }
    DebugLimits limits = DebugLimits.of(opening.child().limits(), options);
    List<DebugRule> rules = new ArrayList<>();
    if (options.given(CONFIG).isPresent()) {
      rules.addAll(DebugConfigFile.read(options.get(CONFIG)));
    }
    rules.addAll(DebugRuleOptions.read(options));
    return new BlkDebugNode(
        opening.nodeName(), opening.child(), limits, new DebugRules(rules), permissions);
  }
}

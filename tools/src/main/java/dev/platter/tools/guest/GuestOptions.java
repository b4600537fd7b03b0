package dev.platter.tools.guest;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadOptions;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.site.Site;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ParseResult;

/**
 * The declared options of {@code platter guest}, as they were given.
 *
 * @param values by name, in the order of declaration
 */
record GuestOptions(Map<String, String> values) {
  private static final Option<Long> QUEUES =
      Option.number("queues", 1, BlkOptions.MAX_QUEUES)
          .defaultValue(1L)
          .doc("Virtqueues of the device.")
          .build();
  private static final OptionSchema DEVICE = OptionSchema.of(QUEUES);

  /** All that there are, in the order of documentation. */
  static final OptionSchema SCHEMA = WorkloadOptions.SCHEMA.and(DEVICE);

  /** Those that a command line gives. */
  static GuestOptions of(ParseResult parsed) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : SCHEMA.names()) {
      if (parsed.hasMatchedOption("--" + name)) {
        values.put(name, parsed.matchedOptionValue("--" + name, ""));
      }
    }
    return new GuestOptions(values);
  }

  /** The workload. */
  Workload workload() throws CommandFailure {
    Map<String, String> workload = new LinkedHashMap<>(values);
    workload.keySet().retainAll(WorkloadOptions.SCHEMA.names());
    try {
      return Workload.of(workload);
    } catch (OptionException e) {
      throw refusal(e);
    }
  }

  /** How many virtqueues the device has. */
  int queueCount() throws CommandFailure {
    Map<String, OptionValue> device = new LinkedHashMap<>();
    values.forEach((name, value) -> device.put(name, OptionValue.of(value)));
    device.keySet().retainAll(DEVICE.names());
    try {
      return DEVICE.read("Device", device).get(QUEUES).intValue();
    } catch (OptionException e) {
      throw refusal(e);
    }
  }

  /** Says of everything that is wrong where it stands, what is allowed and was probably meant. */
  private CommandFailure refusal(OptionException e) {
    return Site.refusal("the workload is not accepted", text(), e);
  }

  /** The options as an option string. */
  String text() {
    return values.entrySet().stream()
        .map(option -> option.getKey() + "=" + option.getValue().replace(",", ",,"))
        .collect(Collectors.joining(","));
  }
}

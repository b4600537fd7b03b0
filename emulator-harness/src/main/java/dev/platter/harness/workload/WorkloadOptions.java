package dev.platter.harness.workload;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringTokenizer;
import java.util.regex.Matcher;

/** The options of a workload: fio's names, values and defaults. */
public final class WorkloadOptions {
  private static final String SINCE = "fio";
  private static final int MAX_JOBS = 1024;
  private static final java.util.regex.Pattern DURATION =
      java.util.regex.Pattern.compile("(\\d{1,9})(us|ms|s|m|h|d)?");

  static final Option<String> NAME =
      Option.text("name").defaultValue("guest").doc("The job's name.").since(SINCE).build();
  static final Option<Pattern> RW =
      Option.choice("rw", Pattern.class)
          .defaultValue(Pattern.READ)
          .doc("What is done, and in which order.")
          .since(SINCE)
          .build();
  static final Option<Long> BS =
      Option.size("bs", 512, 64L << 20)
          .defaultValue(4096L)
          .doc("Bytes of each request, a multiple of 512.")
          .since(SINCE)
          .build();
  static final Option<Long> IODEPTH =
      Option.number("iodepth", 1, 32768)
          .defaultValue(1L)
          .doc("Requests in flight of each job.")
          .since(SINCE)
          .build();
  static final Option<Long> NUMJOBS =
      Option.number("numjobs", 1, MAX_JOBS)
          .defaultValue(1L)
          .doc("Jobs side by side, each on a queue of its own where there are enough.")
          .since(SINCE)
          .build();
  static final Option<Long> SIZE =
      Option.size("size")
          .defaultText("the disk's")
          .doc("The range that is used, from the disk's beginning.")
          .since(SINCE)
          .build();
  static final Option<Long> RANDSEED =
      Option.number("randseed", 0, Long.MAX_VALUE)
          .defaultValue(0x89c2_7a3fL)
          .doc("The seed of everything random.")
          .since(SINCE)
          .build();
  static final Option<Long> RWMIXREAD =
      Option.number("rwmixread", 0, 100)
          .defaultValue(50L)
          .doc("Percentage of reads in rw and randrw.")
          .since(SINCE)
          .build();
  static final Option<Verify> VERIFY =
      Option.choice("verify", Verify.class)
          .defaultValue(Verify.NONE)
          .doc("Whether contents are checked, by a stamp in each sector.")
          .since(SINCE)
          .build();
  static final Option<String> RUNTIME =
      Option.text("runtime")
          .doc("When to end at the latest: seconds, or a number with us, ms, s, m, h or d.")
          .since(SINCE)
          .build();
  static final Option<Boolean> TIME_BASED =
      Option.flag("time_based")
          .defaultValue(false)
          .doc("Start over until the runtime has passed.")
          .since(SINCE)
          .build();
  static final Option<Long> NUMBER_IOS =
      Option.number("number_ios", 1, Long.MAX_VALUE)
          .doc("The most requests of each job.")
          .since(SINCE)
          .build();

  /** All options, in the order of documentation. */
  public static final OptionSchema SCHEMA =
      OptionSchema.of(
          NAME,
          RW,
          BS,
          IODEPTH,
          NUMJOBS,
          SIZE,
          RANDSEED,
          RWMIXREAD,
          VERIFY,
          RUNTIME,
          TIME_BASED,
          NUMBER_IOS);

  private WorkloadOptions() {}

  static Workload read(Map<String, String> options) throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    options.forEach((key, value) -> raw.put(key, OptionValue.of(normal(key, value))));
    List<OptionProblem> problems = new ArrayList<>();
    OptionValues values = readValid(raw, problems);
    Optional<Duration> runtime = runtime(values, problems);
    long blockBytes = values.get(BS);
    if (blockBytes % 512 != 0) {
      problems.add(
          problem("bs", "'bs' must be a multiple of 512", options.get("bs"), nearest(blockBytes)));
    }
    if (values.get(TIME_BASED) && !options.containsKey(RUNTIME.name())) {
      problems.add(problem("time_based", "'time_based' needs a 'runtime'", "", ""));
    }
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
    return new Workload(
        values.get(NAME),
        values.get(RW),
        (int) blockBytes,
        values.get(IODEPTH).intValue(),
        values.get(NUMJOBS).intValue(),
        optional(values.find(SIZE)),
        values.get(RANDSEED),
        values.get(RWMIXREAD).intValue(),
        values.get(VERIFY),
        runtime,
        values.get(TIME_BASED),
        optional(values.find(NUMBER_IOS)));
  }

  /** Reads what can be read, and notes what is wrong with the rest. */
  private static OptionValues readValid(Map<String, OptionValue> raw, List<OptionProblem> problems)
      throws OptionException {
    try {
      return SCHEMA.read("Workload", raw);
    } catch (OptionException e) {
      problems.addAll(e.problems());
      Map<String, OptionValue> valid = new LinkedHashMap<>(raw);
      e.problems().forEach(problem -> valid.remove(problem.key()));
      return SCHEMA.read("Workload", valid);
    }
  }

  private static String nearest(long blockBytes) {
    long below = blockBytes / 512 * 512;
    return below == 0 ? "512" : "%d, %d".formatted(below, below + 512);
  }

  /** fio's other spellings of what the declared types read. */
  private static String normal(String key, String value) {
    return switch (key) {
      case "rw" -> value.equals("readwrite") ? "rw" : value;
      case "verify" -> value.equals("0") ? "none" : value;
      case "time_based" ->
          switch (value) {
            case "", "1" -> "on";
            case "0" -> "off";
            default -> value;
          };
      default -> value;
    };
  }

  private static Optional<Duration> runtime(OptionValues values, List<OptionProblem> problems) {
    Optional<String> text = values.find(RUNTIME);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = DURATION.matcher(text.get());
    if (!matcher.matches()) {
      problems.add(
          problem(
              "runtime",
              "Parameter 'runtime' expects a duration",
              text.get(),
              "seconds, or a number with us, ms, s, m, h or d"));
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "us" -> Duration.ofNanos(Math.multiplyExact(number, 1000L));
          case "ms" -> Duration.ofMillis(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          case null, default -> Duration.ofSeconds(number);
        });
  }

  /** Splits {@code rw=randread --bs=4k time_based} at white space. */
  static Map<String, String> split(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    StringTokenizer words = new StringTokenizer(text);
    while (words.hasMoreTokens()) {
      String word = words.nextToken();
      String option = word.startsWith("--") ? word.substring(2) : word;
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      options.put(key, equals < 0 ? "" : option.substring(equals + 1));
    }
    return options;
  }

  private static OptionalLong optional(Optional<Long> value) {
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  private static OptionProblem problem(String key, String message, String found, String allowed) {
    return new OptionProblem(key, message, found, allowed, Optional.empty());
  }
}

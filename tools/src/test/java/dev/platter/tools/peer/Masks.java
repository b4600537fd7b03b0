package dev.platter.tools.peer;

import java.util.regex.Pattern;

/** Takes out of an output what differs from run to run, or from place to place. */
final class Masks {
  private static final Pattern TIMES =
      Pattern.compile(
          "(\\d\\d\\.\\d\\d sec|\\d+:\\d\\d:\\d\\d\\.\\d\\d) \\(\\S+ \\S+/sec and \\S+ ops/sec\\)");
  private static final Pattern TERSE_TIMES =
      Pattern.compile("(?m)^(\\d+),(\\d+),\\d+:\\d\\d:[\\d.]+,[\\d.]+,[\\d.]+$");
  private static final Pattern RUN_TIME = Pattern.compile("completed in [\\d.]+ seconds");
  private static final Pattern HUMAN_SIZE = Pattern.compile("disk size: .*");
  private static final Pattern JSON_SIZE = Pattern.compile("\"actual-size\": \\d+");
  private static final Pattern JSON_OFFSET = Pattern.compile("\"offset\": \\d+");
  private static final Pattern IMAGE_END = Pattern.compile("(Image end offset|end-offset\"): \\d+");
  private static final Pattern FRAGMENTED = Pattern.compile("[\\d.]+% fragmented");

  private Masks() {}

  /** Times and sizes on the host become {@code TIME} and {@code SIZE}; the folder {@code DIR}. */
  static String timesAndSizes(String text, String folder) {
    String masked = TIMES.matcher(text).replaceAll("TIME");
    masked = TERSE_TIMES.matcher(masked).replaceAll("$1,$2,TIME");
    masked = RUN_TIME.matcher(masked).replaceAll("completed in TIME");
    masked = HUMAN_SIZE.matcher(masked).replaceAll("disk size: SIZE");
    masked = JSON_SIZE.matcher(masked).replaceAll("\"actual-size\": SIZE");
    return masked.replace(folder, "DIR").replace("\r", "\\r");
  }

  /** Where clusters lie in the file is the writer's own affair. */
  static String places(String text) {
    String masked = JSON_OFFSET.matcher(text).replaceAll("\"offset\": PLACE");
    masked = IMAGE_END.matcher(masked).replaceAll("$1: PLACE");
    return FRAGMENTED.matcher(masked).replaceAll("SOME fragmented");
  }
}

package dev.platter.tools.peer;

import java.util.regex.Matcher;
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
  private static final Pattern NODE_NAME = Pattern.compile("'?#block\\d+'?");
  private static final Pattern KEYS =
      Pattern.compile("(\"uuid\"|\"(?:master-key-)?iters\"): [^,\\n]*");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
  private static final Pattern JSON_DATE = Pattern.compile("(\"date-n?sec\"): \\d+");
  private static final Pattern IMAGE_END = Pattern.compile("(Image end offset|end-offset\"): \\d+");
  private static final Pattern FRAGMENTED = Pattern.compile(",\\s*\"fragmented-clusters\": \\d+");
  private static final Pattern ALLOCATED =
      Pattern.compile("\\d+/(\\d+) = [\\d.]+% allocated, [\\d.]+% fragmented, .*\\R");
  private static final Pattern STORED_ZEROS = Pattern.compile("(\"zero\": )true(, \"data\": true)");
  private static final Pattern EXTENT =
      Pattern.compile("\\{ \"start\": \\d+, \"length\": (\\d+), (.*?)(, \"offset\": \\d+)?},?\\R?");

  private Masks() {}

  /** Times and sizes on the host become {@code TIME} and {@code SIZE}; the folder {@code DIR}. */
  static String timesAndSizes(String text, String folder) {
    String masked = TIMES.matcher(text).replaceAll("TIME");
    masked = TERSE_TIMES.matcher(masked).replaceAll("$1,$2,TIME");
    masked = RUN_TIME.matcher(masked).replaceAll("completed in TIME");
    masked = HUMAN_SIZE.matcher(masked).replaceAll("disk size: SIZE");
    masked = JSON_SIZE.matcher(masked).replaceAll("\"actual-size\": SIZE");
    masked = DATE.matcher(masked).replaceAll("DATE");
    masked = JSON_DATE.matcher(masked).replaceAll("$1: TIME");
    masked = NODE_NAME.matcher(masked).replaceAll("NODE");
    return masked.replace(folder, "DIR").replace("\r", "\\r");
  }

  /** Where clusters lie in the file, and how much of them is a hole, is the writer's own affair. */
  static String places(String text) {
    String masked = withoutOffsets(text);
    masked = IMAGE_END.matcher(masked).replaceAll("$1: PLACE");
    masked = KEYS.matcher(masked).replaceAll("$1: RANDOM");
    masked = FRAGMENTED.matcher(masked).replaceAll("");
    return ALLOCATED.matcher(masked).replaceAll("");
  }

  /**
   * The extents of a map, without where they lie; those that only that keeps apart put together.
   */
  private static String withoutOffsets(String text) {
    StringBuilder masked = new StringBuilder();
    String kind = "";
    long length = 0;
    Matcher extent = EXTENT.matcher(text);
    int end = 0;
    while (extent.find()) {
      masked.append(text, end, extent.start());
      end = extent.end();
      String found = STORED_ZEROS.matcher(extent.group(2)).replaceAll("$1false$2");
      if (!found.equals(kind)) {
        masked.append(shown(kind, length));
        length = 0;
      }
      kind = found;
      length += Long.parseLong(extent.group(1));
    }
    return masked.append(shown(kind, length)).append(text.substring(end)).toString();
  }

  private static String shown(String kind, long length) {
    return length == 0 ? "" : length + " bytes: " + kind + "\n";
  }
}

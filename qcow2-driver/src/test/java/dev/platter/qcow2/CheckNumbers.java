package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a check has counted, by the names that {@code qemu-img check --output=json} has. */
final class CheckNumbers {
  private static final Pattern JSON_NUMBER = Pattern.compile("\"([a-z-]+)\": (\\d+)");

  private CheckNumbers() {}

  /** The numbers that QEMU printed; none if it refused the image. */
  static Map<String, Long> of(Qemu.Result result) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    Matcher matcher = JSON_NUMBER.matcher(result.output());
    while (matcher.find()) {
      numbers.put(matcher.group(1), Long.valueOf(matcher.group(2)));
    }
    return numbers;
  }

  /** The same numbers of a report of ours. */
  static Map<String, Long> of(CheckReport report) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    numbers.put("image-end-offset", report.imageEndOffset());
    putUnlessZero(numbers, "total-clusters", report.totalClusters());
    numbers.put("check-errors", report.checkErrors());
    putUnlessZero(numbers, "allocated-clusters", report.allocatedClusters());
    putUnlessZero(numbers, "fragmented-clusters", report.fragmentedClusters());
    putUnlessZero(numbers, "compressed-clusters", report.compressedClusters());
    putUnlessZero(numbers, "corruptions", report.corruptions());
    putUnlessZero(numbers, "leaks", report.leaks());
    putUnlessZero(numbers, "corruptions-fixed", report.corruptionsFixed());
    putUnlessZero(numbers, "leaks-fixed", report.leaksFixed());
    return numbers;
  }

  private static void putUnlessZero(Map<String, Long> numbers, String name, long number) {
    if (number != 0) {
      numbers.put(name, number);
    }
  }
}

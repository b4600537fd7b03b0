package dev.platter.tools.img;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.text.Numbers;
import java.util.LinkedHashMap;
import java.util.Map;

/** A check's report in the words of {@code qemu-img check}. */
final class CheckText {
  private static final double PERCENT = 100;

  private CheckText() {}

  /** The report for people. */
  static String text(CheckReport report) {
    StringBuilder text = new StringBuilder();
    if (report.clean()) {
      text.append("No errors were found on the image.\n");
    }
    if (report.corruptions() > 0) {
      text.append('\n')
          .append(report.corruptions())
          .append(" errors were found on the image.\n")
          .append("Data may be corrupted, or further writes to the image may corrupt it.\n");
    }
    if (report.leaks() > 0) {
      text.append('\n')
          .append(report.leaks())
          .append(" leaked clusters were found on the image.\n")
          .append("This means waste of disk space, but no harm to data.\n");
    }
    if (report.checkErrors() > 0) {
      text.append('\n')
          .append(report.checkErrors())
          .append(" internal errors have occurred during the check.\n");
    }
    if (report.totalClusters() > 0 && report.allocatedClusters() > 0) {
      text.append(clusters(report));
    }
    if (report.imageEndOffset() > 0) {
      text.append("Image end offset: ").append(report.imageEndOffset()).append('\n');
    }
    return text.toString();
  }

  private static String clusters(CheckReport report) {
    double allocated = report.allocatedClusters();
    return "%d/%d = %s%% allocated, %s%% fragmented, %s%% compressed clusters%n"
        .formatted(
            report.allocatedClusters(),
            report.totalClusters(),
            Numbers.fixed(allocated * PERCENT / report.totalClusters(), 2),
            Numbers.fixed(report.fragmentedClusters() * PERCENT / allocated, 2),
            Numbers.fixed(report.compressedClusters() * PERCENT / allocated, 2));
  }

  /** What a repair says before the image is checked again. */
  static String repaired(CheckReport report) {
    return """
    The following inconsistencies were found and repaired:

        %d leaked clusters
        %d corruptions

    Double checking the fixed image now...
    """
        .formatted(report.leaksFixed(), report.corruptionsFixed());
  }

  /** The members of the report's JSON object. */
  static Map<String, Object> members(String fileName, OpenImage image, CheckReport report) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("filename", fileName);
    members.put("format", image.driverName());
    members.put("check-errors", report.checkErrors());
    members.put("image-end-offset", report.imageEndOffset());
    members.put("total-clusters", report.totalClusters());
    putUnlessZero(members, "allocated-clusters", report.allocatedClusters());
    putUnlessZero(members, "corruptions", report.corruptions());
    putUnlessZero(members, "leaks", report.leaks());
    putUnlessZero(members, "corruptions-fixed", report.corruptionsFixed());
    putUnlessZero(members, "leaks-fixed", report.leaksFixed());
    putUnlessZero(members, "fragmented-clusters", report.fragmentedClusters());
    putUnlessZero(members, "compressed-clusters", report.compressedClusters());
    return members;
  }

  private static void putUnlessZero(Map<String, Object> members, String name, long number) {
    if (number != 0) {
      members.put(name, number);
    }
  }
}

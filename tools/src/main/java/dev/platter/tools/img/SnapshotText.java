package dev.platter.tools.img;

import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.tools.text.Sizes;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Snapshots as {@code qemu-img} lists them, for people and as JSON. */
final class SnapshotText {
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final long NANOSECONDS = 1_000_000_000;

  private SnapshotText() {}

  /** The table with its heading; empty if there are no snapshots. */
  static String table(List<SnapshotInfo> snapshots) {
    if (snapshots.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("Snapshot list:\n");
    text.append(
        "%-10s%-17s%8s%20s%13s%11s\n"
            .formatted("ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT"));
    for (SnapshotInfo snapshot : snapshots) {
      text.append(
          "%-9s %-16s %8s%20s%13s%11s\n"
              .formatted(
                  snapshot.id(),
                  snapshot.name(),
                  Sizes.rounded(snapshot.vmStateBytes()),
                  DATE.format(snapshot.date().atZone(ZoneId.systemDefault())),
                  clock(snapshot.vmClockNanoseconds()),
                  icount(snapshot)));
    }
    return text.toString();
  }

  /** The objects of a JSON list. */
  static List<Map<String, Object>> objects(List<SnapshotInfo> snapshots) {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (SnapshotInfo snapshot : snapshots) {
      Map<String, Object> members = new LinkedHashMap<>();
      snapshot.instructionCount().ifPresent(count -> members.put("icount", count));
      members.put("vm-clock-nsec", snapshot.vmClockNanoseconds() % NANOSECONDS);
      members.put("name", snapshot.name());
      Instant date = snapshot.date();
      members.put("date-sec", date.getEpochSecond());
      members.put("date-nsec", (long) date.getNano());
      members.put("vm-clock-sec", snapshot.vmClockNanoseconds() / NANOSECONDS);
      members.put("id", snapshot.id());
      members.put("vm-state-size", snapshot.vmStateBytes());
      objects.add(members);
    }
    return objects;
  }

  private static String icount(SnapshotInfo snapshot) {
    return snapshot.instructionCount().isPresent()
        ? Long.toString(snapshot.instructionCount().getAsLong())
        : "";
  }

  private static String clock(long nanoseconds) {
    long seconds = nanoseconds / NANOSECONDS;
    return "%02d:%02d:%02d.%03d"
        .formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, nanoseconds / 1_000_000 % 1000);
  }
}

package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashStep;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is done to images whose files fail. */
final class FaultScenarios {
  /**
   * With these the image has 4090 clusters of 512 bytes. A refcount table of one of them can count
   * 4096, in 64 bits each.
   */
  static final int FILLED_SECTORS = 3962;

  /** What is written then. */
  static final int WRITTEN_SECTORS = 16;

  /** The size of that disk. */
  static final int MOVING_SECTORS = FILLED_SECTORS + WRITTEN_SECTORS + 2;

  private FaultScenarios() {}

  /** The steps of each scenario, by its name. */
  static Map<String, List<CrashStep>> of(CrashVariant v) {
    int unit = v.unit();
    int size = v.sectorCount();
    CrashStep flush = new CrashStep.Flush();
    CrashStep snapshot = new CrashStep.Snapshot();
    Map<String, List<CrashStep>> all = new LinkedHashMap<>();
    all.put("open and close", List.of());
    all.put("flush of nothing", List.of(flush));
    all.put("write to a new cluster", List.of(v.write(3, 1, 10)));
    all.put("write to two new clusters", List.of(v.write(3, 2, 10), flush));
    all.put("write over new and old clusters", List.of(v.write(2, 4, 10), flush));
    all.put("write to a part of a new cluster", List.of(new CrashStep.Write(4 * unit, 1, 10)));
    all.put("write to a part of an old cluster", List.of(new CrashStep.Write(5 * unit, 1, 10)));
    all.put("overwrite", List.of(v.write(0, 2, 10), flush));
    all.put("write into reserved space", List.of(v.write(2, 1, 10), flush));
    all.put("write below another table", List.of(new CrashStep.Write(size - 1, 1, 10), flush));
    all.put("write, flush, write", List.of(v.write(3, 1, 10), flush, v.write(4, 1, 11), flush));
    all.put("write the same twice", List.of(v.write(3, 1, 10), v.write(3, 1, 11), flush));
    all.put("zero and unmap", List.of(zero(v, 0, 2, ZeroMode.MAY_UNMAP), flush));
    all.put("zero and keep", List.of(zero(v, 0, 2, ZeroMode.KEEP_ALLOCATED), flush));
    all.put("zero what is not there", List.of(zero(v, 3, 2, ZeroMode.MAY_UNMAP), flush));
    all.put(
        "zero a part of a cluster",
        List.of(new CrashStep.Zero(5 * unit, 1, ZeroMode.MAY_UNMAP), flush));
    all.put("discard a cluster", List.of(new CrashStep.Discard(0, unit), flush));
    all.put("discard everything", List.of(new CrashStep.Discard(0, size), flush));
    all.put(
        "zero, then reuse", List.of(zero(v, 0, 1, ZeroMode.MAY_UNMAP), flush, v.write(3, 2, 10)));
    all.put(
        "discard, then reuse",
        List.of(new CrashStep.Discard(0, 2 * unit), flush, flush, v.write(3, 2, 10), flush));
    all.put("discard, then write there", List.of(new CrashStep.Discard(0, unit), v.write(0, 1, 9)));
    all.put("snapshot", List.of(snapshot));
    all.put("write, snapshot, write", List.of(v.write(3, 1, 10), snapshot, v.write(3, 2, 11)));
    all.put("snapshot, discard", List.of(snapshot, new CrashStep.Discard(0, 2 * unit), flush));
    all.put("snapshot, grow", List.of(snapshot, new CrashStep.Resize(size + 2 * unit)));
    all.put(
        "snapshot, write, commit", List.of(snapshot, v.write(0, 4, 10), new CrashStep.Commit()));
    all.put(
        "snapshot, zero, commit, write",
        List.of(
            snapshot,
            zero(v, 0, 2, ZeroMode.MAY_UNMAP),
            new CrashStep.Commit(),
            v.write(1, 2, 11),
            flush));
    all.put("grow", List.of(new CrashStep.Resize(size + 2 * unit)));
    all.put(
        "grow, then write there",
        List.of(new CrashStep.Resize(size + 2 * unit), new CrashStep.Write(size, unit, 10), flush));
    all.put("grow with a larger L1 table", List.of(new CrashStep.Resize(5000), flush));
    for (Preallocation reserved : List.of(Preallocation.METADATA, Preallocation.FULL)) {
      all.put(
          "grow with %s in reserve, then write there".formatted(reserved),
          List.of(
              new CrashStep.Resize(size + 2 * unit, reserved),
              new CrashStep.Write(size, unit, 10),
              flush));
    }
    all.put(
        "grow with a larger L1 table, then reuse",
        List.of(
            new CrashStep.Resize(5000),
            v.write(3, 2, 10),
            flush,
            new CrashStep.Discard(0, unit),
            flush,
            v.write(5, 2, 11),
            flush,
            v.write(0, 1, 12),
            flush));
    all.put("shrink", List.of(new CrashStep.Resize(5 * unit + 1), flush));
    all.put(
        "shrink, then grow", List.of(new CrashStep.Resize(2 * unit), new CrashStep.Resize(size)));
    all.put(
        "shrink, then write", List.of(new CrashStep.Resize(5 * unit), v.write(3, 1, 10), flush));
    all.put("write everywhere", List.of(new CrashStep.Write(0, size, 10), flush));
    all.put(
        "everything at once",
        List.of(
            v.write(3, 2, 10),
            new CrashStep.Discard(0, unit),
            zero(v, 1, 1, ZeroMode.MAY_UNMAP),
            flush,
            v.write(0, 5, 11),
            snapshot,
            v.write(2, 2, 12),
            flush));
    all.putAll(internalSnapshots(v));
    return all;
  }

  private static Map<String, List<CrashStep>> internalSnapshots(CrashVariant v) {
    CrashStep flush = new CrashStep.Flush();
    CrashStep create = new CrashStep.CreateInternal("a");
    CrashStep apply = new CrashStep.ApplyInternal("a");
    CrashStep delete = new CrashStep.DeleteInternal("a");
    Map<String, List<CrashStep>> all = new LinkedHashMap<>();
    all.put("create an internal snapshot", List.of(v.write(3, 1, 10), create));
    all.put(
        "create an internal snapshot, write over what it shares",
        List.of(create, v.write(0, 2, 10), new CrashStep.Discard(5 * v.unit(), v.unit()), flush));
    all.put(
        "write, apply an internal snapshot, write",
        List.of(create, v.write(0, 4, 10), apply, v.write(4, 1, 11), flush));
    all.put(
        "grow, apply an internal snapshot",
        List.of(create, new CrashStep.Resize(v.sectorCount() + 2 * v.unit()), apply, flush));
    all.put(
        "shrink, apply an internal snapshot, write",
        List.of(create, new CrashStep.Resize(2 * v.unit()), apply, v.write(3, 2, 10), flush));
    all.put(
        "write, delete an internal snapshot, reuse",
        List.of(create, v.write(0, 2, 10), delete, flush, v.write(3, 2, 11), flush));
    all.put(
        "two internal snapshots, of which the first goes",
        List.of(
            create,
            v.write(0, 1, 10),
            new CrashStep.CreateInternal("b"),
            delete,
            v.write(3, 1, 11)));
    return all;
  }

  /** The steps that make the refcount table of {@link #withoutRoomForRefcountBlocks} too small. */
  static Map<String, List<CrashStep>> ofMoves() {
    CrashStep flush = new CrashStep.Flush();
    CrashStep write = new CrashStep.Write(FILLED_SECTORS, WRITTEN_SECTORS, 10);
    CrashStep discard = new CrashStep.Discard(100, 3);
    return Map.of(
        "write that moves the refcount table",
        List.of(write, flush),
        "write that moves the refcount table while a discard is pending",
        List.of(discard, write, flush),
        "write that moves the refcount table, then reuse",
        List.of(discard, flush, write, flush, new CrashStep.Write(100, 2, 11), flush));
  }

  /** A disk in an image whose refcount table has hardly an entry left. */
  static CrashDisk withoutRoomForRefcountBlocks(CrashVariant v) throws IOException {
    CrashDisk disk = CrashDisk.zeros(v, MOVING_SECTORS);
    return disk.after(List.of(new CrashStep.Write(0, FILLED_SECTORS, 1)));
  }

  private static CrashStep zero(CrashVariant v, int cluster, int count, ZeroMode mode) {
    return new CrashStep.Zero(cluster * v.unit(), count * v.unit(), mode);
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashStep;
import dev.platter.tck.format.FaultRun;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Named scenarios, each with every call to the file failing in turn, in every way. */
class FaultTableTest {
  private static final AtomicLong INJECTED = new AtomicLong();
  private static final Set<Kind> GROWING = Set.of(Kind.WRITE, Kind.WRITE_ZEROES, Kind.RESIZE);

  private static final Map<String, FaultRun.Injection> FAULTS =
      Map.of(
          "one EIO", (file, nth) -> file.failNth(Kind.ALL, nth, Errno.EIO),
          "EIO for good", (file, nth) -> file.failFrom(Kind.CHANGES, nth, Errno.EIO),
          "one ENOSPC", (file, nth) -> file.failNth(GROWING, nth, Errno.ENOSPC),
          "ENOSPC for good", (file, nth) -> file.failFrom(GROWING, nth, Errno.ENOSPC),
          "one EDQUOT", (file, nth) -> file.failNth(GROWING, nth, Errno.EDQUOT),
          "one EINTR", (file, nth) -> file.failNth(Kind.ALL, nth, Errno.EINTR),
          "short write", (file, nth) -> file.tearWrites().failNth(Kind.WRITE, nth, Errno.EIO),
          "failed flush", (file, nth) -> file.failNth(Kind.FLUSH, nth, Errno.EIO));

  private static final List<CrashVariant> VARIANTS =
      List.of(
          new CrashVariant(512, 3, 16, false, false),
          new CrashVariant(512, 3, 64, false, true),
          new CrashVariant(512, 3, 16, true, true),
          new CrashVariant(64 << 10, 2, 16, false, true),
          CrashVariant.extended(false, true));

  /** The steps of each scenario, by its name. */
  static Map<String, List<CrashStep>> scenarios(CrashVariant v) {
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
    return all;
  }

  static List<CrashVariant> variants() {
    return VARIANTS;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void faultAtEveryCallHarmsNothingButItsRequest(CrashVariant variant) throws IOException {
    Map<String, List<CrashStep>> scenarios = scenarios(variant);
    assertThat(scenarios).hasSizeGreaterThanOrEqualTo(30);
    CrashDisk disk = variant.disk();
    scenarios.forEach(
        (scenario, steps) ->
            FAULTS.forEach((fault, injection) -> inject(disk, scenario, steps, fault, injection)));
  }

  private static void inject(
      CrashDisk disk,
      String scenario,
      List<CrashStep> steps,
      String fault,
      FaultRun.Injection injection) {
    try {
      INJECTED.addAndGet(FaultRun.failEveryCall(disk, steps, injection));
    } catch (AssertionError e) {
      throw new AssertionError("%s, %s: %s".formatted(scenario, fault, e.getMessage()), e);
    }
  }

  @Test
  void faultAtEveryCallOfACreationLeavesNothingThatIsTakenForAnImage() throws IOException {
    for (CrashVariant variant : VARIANTS) {
      for (Map.Entry<String, FaultRun.Injection> fault : FAULTS.entrySet()) {
        long failures = 1;
        for (int nth = 1; failures > 0; nth++) {
          failures = create(variant, fault.getValue(), nth);
          INJECTED.addAndGet(failures);
        }
      }
    }
  }

  private static long create(CrashVariant variant, FaultRun.Injection injection, int nth)
      throws IOException {
    MemoryNode file = new MemoryNode("image");
    FaultyNode faulty = new FaultyNode(file);
    injection.into(faulty, nth);
    try {
      variant.create(faulty, variant.sectorCount() * 512L, Optional.empty());
    } catch (BlockException e) {
      return faulty.failures();
    }
    variant.checkImage(file, false);
    return faulty.failures();
  }

  @Test
  void fileThatIsCutOffUnderneathFailsCleanly() throws IOException {
    for (CrashVariant variant : VARIANTS) {
      CrashDisk disk = variant.disk();
      for (List<CrashStep> steps : scenarios(variant).values()) {
        INJECTED.addAndGet(FaultRun.cutOffAtEveryCall(disk, steps));
      }
    }
  }

  @AfterAll
  static void print() {
    System.out.printf(
        "fault table: %d scenarios, %d kinds of images, %,d faults injected, 0 failures%n",
        scenarios(VARIANTS.getFirst()).size() + 1, VARIANTS.size(), INJECTED.get());
  }

  private static CrashStep zero(CrashVariant v, int cluster, int count, ZeroMode mode) {
    return new CrashStep.Zero(cluster * v.unit(), count * v.unit(), mode);
  }
}

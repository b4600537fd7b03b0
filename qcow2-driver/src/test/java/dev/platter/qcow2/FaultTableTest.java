package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.FaultyNode.Kind;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashStep;
import dev.platter.tck.format.FaultRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Named scenarios, each with every call to the file failing in turn, in every way that there is if
 * {@code platter.faults} is {@code all}, else in some, by the seed.
 */
class FaultTableTest {
  private static final AtomicLong INJECTED = new AtomicLong();
  private static final boolean ALL_FAULTS = System.getProperty("platter.faults", "").equals("all");
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

  private final long seed = Long.getLong("platter.seed", 1);

  static List<CrashVariant> variants() {
    return VARIANTS;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void faultAtEveryCallHarmsNothingButItsRequest(CrashVariant variant) throws IOException {
    Map<String, List<CrashStep>> scenarios = FaultScenarios.of(variant);
    assertThat(scenarios).hasSizeGreaterThanOrEqualTo(30);
    injectIntoEach(variant.disk(), scenarios, VARIANTS.indexOf(variant));
  }

  /** With a kind of fault for each scenario, by the seed and the round, or with all of them. */
  private void injectIntoEach(CrashDisk disk, Map<String, List<CrashStep>> scenarios, int round) {
    List<String> faults = new ArrayList<>(FAULTS.keySet());
    Collections.sort(faults);
    Collections.shuffle(faults, new Random(seed));
    Collections.rotate(faults, round);
    List<String> chosen = ALL_FAULTS ? faults : faults.subList(0, 1);
    scenarios.forEach(
        (scenario, steps) -> {
          chosen.forEach(fault -> inject(disk, scenario, steps, fault, FAULTS.get(fault)));
          Collections.rotate(faults, 1);
        });
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

  /** The same while the refcount table becomes too small, and a larger one takes its place. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void faultAtEveryCallWhileTheRefcountTableMovesHarmsNothing(boolean lazy) throws IOException {
    CrashVariant variant = new CrashVariant(512, 3, 64, lazy, false);
    CrashDisk disk = FaultScenarios.withoutRoomForRefcountBlocks(variant);
    injectIntoEach(disk, FaultScenarios.ofMoves(), 0);
  }

  @Test
  void theRefcountTableMovesInTheScenariosThatSaySo() throws IOException {
    CrashVariant variant = new CrashVariant(512, 3, 64, false, false);
    MemoryNode file = variant.image(FaultScenarios.MOVING_SECTORS * 512L, Optional.empty());
    try (Qcow2Format format = Images.open(file.reopen())) {
      new DriverGuest(format).fill(0, FaultScenarios.FILLED_SECTORS * 512, 1);
    }
    long before = HeaderCodec.decode("image", new ImageFile(file)).refcountTable().offset();
    try (Qcow2Format format = Images.open(file.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(FaultScenarios.FILLED_SECTORS * 512L, FaultScenarios.WRITTEN_SECTORS * 512, 1);
    }
    long after = HeaderCodec.decode("image", new ImageFile(file)).refcountTable().offset();
    assertThat(after).isNotEqualTo(before);
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
      for (List<CrashStep> steps : FaultScenarios.of(variant).values()) {
        INJECTED.addAndGet(FaultRun.cutOffAtEveryCall(disk, steps));
      }
    }
  }

  @AfterAll
  static void print() {
    System.out.printf(
        "fault table: %d scenarios, %d kinds of images, %,d faults injected, 0 failures%n",
        FaultScenarios.of(VARIANTS.getFirst()).size() + FaultScenarios.ofMoves().size() + 1,
        VARIANTS.size(),
        INJECTED.get());
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.tck.format.CrashScenario;
import dev.platter.tck.format.CrashStep;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences that have lost data elsewhere, or once did here, cut at every point. */
class CrashDirectedTest {
  private static final List<Preallocation> RESERVED =
      List.of(Preallocation.METADATA, Preallocation.FALLOC, Preallocation.FULL);

  private final long seed = Long.getLong("platter.seed", 1);

  static List<CrashVariant> variants() {
    return CrashVariant.all();
  }

  static List<CrashVariant> layered() {
    return CrashVariant.layered();
  }

  /** The second write must not use the first one's cluster before its removal is durable. */
  @ParameterizedTest
  @MethodSource("variants")
  void clusterFreedByAZeroWriteIsNotReusedTooEarly(CrashVariant variant) throws IOException {
    survives(
        variant,
        variant.write(3, 1, 10),
        new CrashStep.Flush(),
        zero(variant, 3),
        variant.write(4, 1, 11),
        new CrashStep.Flush());
  }

  @ParameterizedTest
  @MethodSource("variants")
  void clusterFreedByADiscardIsNotReusedTooEarly(CrashVariant variant) throws IOException {
    survives(
        variant,
        new CrashStep.Discard(0, variant.unit()),
        variant.write(3, 2, 10),
        new CrashStep.Flush(),
        variant.write(4, 1, 11),
        new CrashStep.Discard(variant.unit(), variant.unit()),
        new CrashStep.Flush(),
        variant.write(0, 2, 12));
  }

  /**
   * Two clusters share a host cluster, one of them goes, and its space must not come back early.
   */
  @ParameterizedTest
  @MethodSource("variants")
  void compressedClustersThatShareSpaceSurvive(CrashVariant variant) throws IOException {
    survives(
        variant,
        new CrashStep.WriteCompressed(3 * variant.unit(), 2 * variant.unit(), 10),
        new CrashStep.Flush(),
        variant.write(3, 1, 11),
        zero(variant, 5),
        new CrashStep.WriteCompressed(5 * variant.unit(), variant.unit(), 12),
        new CrashStep.Flush(),
        variant.write(4, 1, 13),
        new CrashStep.Flush());
  }

  /** A commit grows the base below an overlay that has nothing there, since the base ended. */
  @ParameterizedTest
  @MethodSource("variants")
  void growthThatACommitNeedsShowsNothingOfALongerBase(CrashVariant variant) throws IOException {
    survives(
        variant,
        new CrashStep.Snapshot(),
        new CrashStep.Resize(variant.sectorCount() + 2 * variant.unit()),
        new CrashStep.Commit());
  }

  /** The new size is durable at once, so the zeros over the base have to be. */
  @ParameterizedTest
  @MethodSource("variants")
  void growthOverALongerBaseReadsAsZerosOnceItIsAcknowledged(CrashVariant variant)
      throws IOException {
    survives(variant, new CrashStep.Resize(variant.sectorCount() + 2 * variant.unit()));
  }

  /** Over a longer base too, which the new clusters hide. Each seed pairs kinds and modes anew. */
  @ParameterizedTest
  @MethodSource("variants")
  void growthInReserveReadsAsZerosAndTakesWrites(CrashVariant variant) throws IOException {
    Preallocation reserved =
        RESERVED.get(Math.floorMod(seed + variants().indexOf(variant), RESERVED.size()));
    int oldCount = variant.sectorCount();
    survives(
        variant,
        variant.write(3, 1, 10),
        new CrashStep.Resize(oldCount + 2 * variant.unit(), reserved),
        new CrashStep.Write(oldCount, variant.unit(), 11),
        new CrashStep.Flush());
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whatWasCutOffDoesNotComeBackInGrowthInReserve(CrashVariant variant) throws IOException {
    survives(
        variant,
        new CrashStep.Resize(5 * variant.unit()),
        variant.write(3, 1, 10),
        new CrashStep.Flush(),
        new CrashStep.Resize(variant.sectorCount(), Preallocation.METADATA));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whatWasCutOffDoesNotComeBackOnceGrowthIsAcknowledged(CrashVariant variant)
      throws IOException {
    survives(
        variant,
        new CrashStep.Resize(5 * variant.unit()),
        new CrashStep.Flush(),
        new CrashStep.Resize(variant.sectorCount()));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void overlayThatIsPutOnARunningDiskKeepsWhatWasFlushed(CrashVariant variant) throws IOException {
    survives(
        variant,
        variant.write(3, 1, 10),
        new CrashStep.Snapshot(),
        variant.write(3, 2, 11),
        new CrashStep.Flush(),
        new CrashStep.Snapshot(),
        variant.write(0, 1, 12),
        zero(variant, 3),
        new CrashStep.Flush());
  }

  @ParameterizedTest
  @MethodSource("variants")
  void overlayThatIsCommittedKeepsWhatWasFlushed(CrashVariant variant) throws IOException {
    survives(
        variant,
        new CrashStep.Snapshot(),
        variant.write(0, 4, 10),
        zero(variant, 3),
        new CrashStep.Flush(),
        variant.write(4, 1, 11),
        new CrashStep.Commit(),
        variant.write(0, 1, 12),
        new CrashStep.Flush());
  }

  /** What is read after each step has been found by the index of the chain before the step. */
  @ParameterizedTest
  @MethodSource("layered")
  void chainOfThreeLayersReadsThroughItsIndexWhatIsThere(CrashVariant variant) throws IOException {
    survives(
        variant,
        variant.write(3, 1, 10),
        new CrashStep.Discard(0, variant.unit()),
        new CrashStep.Write(4 * variant.unit(), 1, 11), // the rest of its cluster is from below
        new CrashStep.Flush(),
        new CrashStep.Snapshot(),
        variant.write(2, 1, 12),
        new CrashStep.Flush(),
        new CrashStep.Commit(),
        new CrashStep.Resize(5 * variant.unit()),
        new CrashStep.Resize(variant.sectorCount() + variant.unit()),
        variant.write(3, 2, 13),
        new CrashStep.Flush());
  }

  private static CrashStep zero(CrashVariant variant, int cluster) {
    return new CrashStep.Zero(cluster * variant.unit(), variant.unit(), ZeroMode.MAY_UNMAP);
  }

  private void survives(CrashVariant variant, CrashStep... steps) throws IOException {
    CrashScenario.Result result =
        variant.disk().scenario(Arrays.asList(steps)).afterwards(variant.afterwards()).run(seed);
    assertThat(result.distinct()).isPositive();
  }
}

package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power in the middle of short sequences of requests, with refcounts kept up and with lazy
 * ones, and looks at every state that the file may then be in ({@link PowerCutRun}).
 */
class PowerCutTest {
  /** Allocated, and below an L2 table that is not there. */
  private static final int[] PAIR_CLUSTERS = {0, 130};

  private static final int BASE_VALUE = 0xb0;

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void everyPairOfRequestsSurvivesEveryPowerCut(String lazy) throws IOException {
    PowerCutRun run = run(lazy, 1024, 256, 16, 1);
    for (GuestScript script : GuestScript.all(2, PAIR_CLUSTERS)) {
      run.cutDuring(script);
    }
    assertThat(run.stateCount()).isGreaterThan(2_000);
    assertDirty(run, lazy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void longerSequencesSurviveManyPowerCuts(String lazy) throws IOException {
    // 0 is allocated, 1 reads as zeros with space in reserve, 2 and 130 are not there.
    PowerCutRun run = run(lazy, 1024, 256, 1, 1);
    for (int i = 0; i < 8; i++) {
      run.cutDuring(GuestScript.random(random, 3 + random.nextInt(8), 0, 1, 2, 130));
    }
    assertDirty(run, lazy);
  }

  /** A refcount block counts 128 clusters here, and 127 are in use. */
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void newRefcountBlocksSurvivePowerCuts(String lazy) throws IOException {
    PowerCutRun run = run(lazy, 1024, 256, 64, 120);
    for (int i = 0; i < 4; i++) {
      run.cutDuring(GuestScript.random(random, 12, 0, 125, 126, 127, 130, 131));
    }
    assertThat(run.usedClusters()).isGreaterThan(128);
    assertDirty(run, lazy);
  }

  /** A refcount table of one cluster counts 4096 clusters here. */
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void aGrowingRefcountTableSurvivesPowerCuts(String lazy) throws IOException {
    PowerCutRun run = run(lazy, 512, 4200, 64, 3959);
    run.cutDuring(GuestScript.random(random, 24, 4000, 4001, 4002, 4003, 4070, 4071, 4072, 4073));
    assertThat(run.usedClusters()).isGreaterThan(4096);
  }

  /** What shows through from below must not turn into zeros, or into half of a cluster. */
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void writesOverABackingFileSurvivePowerCuts(String lazy) throws IOException {
    byte[] base = new byte[256 * 1024];
    for (int i = 0; i < base.length; i++) {
      base[i] = (byte) (BASE_VALUE + i / 512 % 16);
    }
    MemoryNode overlay =
        NewImages.createOver(
            "base.raw", base.length, "cluster_size=1024", "lazy_refcounts=" + lazy);
    PowerCutRun run = new PowerCutRun(overlay, base, 156, seed);
    List<GuestScript> scripts = new ArrayList<>(GuestScript.all(1, 0, 130));
    for (int i = 0; i < 10; i++) {
      scripts.add(GuestScript.random(random, 6, 0, 1, 2, 130));
    }
    for (GuestScript script : scripts) {
      run.cutDuring(script);
    }
    assertDirty(run, lazy);
  }

  /** The first two clusters are data and zeros in reserve; from the sixth on there is data. */
  private PowerCutRun run(
      String lazy, int clusterBytes, int clusterCount, int refcountBits, int filledClusters)
      throws IOException {
    MemoryNode image =
        NewImages.create(
            (long) clusterCount * clusterBytes,
            "cluster_size=" + clusterBytes,
            "refcount_bits=" + refcountBits,
            "lazy_refcounts=" + lazy);
    try (Qcow2Format format = Images.open(image)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * clusterBytes, 1);
      guest.release(clusterBytes, clusterBytes, ReleaseMode.ZERO_KEEP);
      guest.fill(5L * clusterBytes, filledClusters * clusterBytes, 2);
    }
    return new PowerCutRun(image, new byte[clusterCount * clusterBytes], clusterCount - 100, seed);
  }

  private static void assertDirty(PowerCutRun run, String lazy) {
    assertThat(run.dirtyCount() > 0).as("states were dirty").isEqualTo(lazy.equals("on"));
    assertThat(run.openingCount() > 0).as("openings were cut").isEqualTo(lazy.equals("on"));
  }
}

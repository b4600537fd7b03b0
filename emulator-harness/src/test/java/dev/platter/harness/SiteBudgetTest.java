package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.driver.DriverLookup;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several runtimes of a process that draw on one budget. */
class SiteBudgetTest {
  private static final int CLUSTER = 512;
  private static final int TABLE_COVERS = CLUSTER / Long.BYTES * CLUSTER;
  private static final int TABLES = 200;
  private static final int BUDGET_BYTES = 24 << 10;

  private final DriverLookup drivers = DriverRegistry.discover();
  @TempDir private Path folder;

  @Test
  void runtimesOfASiteShareItsBudget() throws IOException {
    RuntimeSettings first = site(BUDGET_BYTES);
    RuntimeSettings second = site(BUDGET_BYTES);
    assertThat(second.cacheBudget()).isSameAs(first.cacheBudget());
    assertThat(site(BUDGET_BYTES + 1).cacheBudget()).isNotSameAs(first.cacheBudget());
    assertThat(RuntimeSettings.DEFAULT.cacheBudget()).isSameAs(CacheBudget.unlimited());
    assertFirstMakesRoom(first, second);
  }

  @Test
  void runtimesShareABudgetThatBothAreGiven() throws IOException {
    CacheBudget budget = CacheBudget.of(BUDGET_BYTES);
    assertFirstMakesRoom(
        RuntimeSettings.DEFAULT.withCacheBudget(budget),
        RuntimeSettings.DEFAULT.withCacheBudget(budget));
  }

  private void assertFirstMakesRoom(RuntimeSettings one, RuntimeSettings other) throws IOException {
    CacheBudget budget = one.cacheBudget();
    String base = filled("base.qcow2");
    String overlay = filled("overlay.qcow2");
    try (BlockRuntime first = BlockRuntime.create(one);
        BlockRuntime second = BlockRuntime.create(other);
        Drive idle = first.open("file=" + base + ",format=qcow2");
        Drive busy = second.open("file=" + overlay + ",format=qcow2")) {
      touch(idle.backend());
      long before = heldBytes(idle);
      assertThat(before).isGreaterThan(BUDGET_BYTES / 2);
      for (int round = 0; round < 3; round++) {
        touch(busy.backend());
      }
      assertThat(heldBytes(idle)).isLessThan(before / 4);
      assertThat(heldBytes(busy)).isGreaterThan(BUDGET_BYTES / 2);
      assertThat(budget.heldBytes()).isLessThanOrEqualTo(BUDGET_BYTES);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  private RuntimeSettings site(int budgetBytes) throws IOException {
    return RuntimeSettings.of(
        SiteDefaults.load(
            drivers, Map.of(), Map.of("platter.cache-budget", Integer.toString(budgetBytes))));
  }

  private String filled(String name) throws IOException {
    String image = folder.resolve(name).toString();
    try (BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT)) {
      runtime
          .graph()
          .create(
              CreateRequest.of("qcow2", image, (long) TABLES * TABLE_COVERS)
                  .with("cluster_size", Integer.toString(CLUSTER)));
      try (Drive drive = runtime.open("file=" + image + ",format=qcow2")) {
        for (int table = 0; table < TABLES; table++) {
          drive.backend().write((long) table * TABLE_COVERS, new byte[] {1});
        }
      }
    }
    return image;
  }

  /** Reads a byte of each L2 table. */
  private static void touch(BlockBackend disk) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      for (int table = 0; table < TABLES; table++) {
        disk.read((long) table * TABLE_COVERS, one);
      }
    }
  }

  private static long heldBytes(Drive drive) {
    CachedFormat cached = (CachedFormat) ((FormatNode) drive.chain().getFirst()).driver();
    return cached.cacheStats().stream().mapToLong(CacheStats::heldBytes).sum();
  }
}

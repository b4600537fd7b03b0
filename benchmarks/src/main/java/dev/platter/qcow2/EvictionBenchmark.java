package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Look-ups in a cache of 256 slices of a table of 640, as {@code l2-cache-size=1M} has of 20 GiB
 * when tables are raw: what a look-up costs with the eviction that it causes, and what part of them
 * hits ({@code hits} and {@code misses} per second).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class EvictionBenchmark {
  private static final int SLICE_COUNT = 640;
  private static final int SLICES_PER_TABLE = 16;
  private static final int ENTRIES = 512;
  private static final int CACHE_BYTES = 1 << 20;

  /** How often a scan touches a slice before it goes on: reads of 64 KiB from a disk of 32 MiB. */
  private static final int SCAN_TOUCHES = 512;

  /**
   * Which slices are looked up: any, few more often than many, or the latter while every other
   * look-up is a scan's.
   */
  @Param({"uniform", "skewed", "skewed-and-scan"})
  private String pattern;

  private final L2Slice slice = new RawL2Slice(new long[ENTRIES], 16);
  private final Random random = new Random(1);
  private SlicePlaces places;
  private SliceRing ring;
  private long step;

  /** What became of the look-ups. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Outcome {
    /** Those that found their slice. */
    public long hits;

    /** Those that did not. */
    public long misses;
  }

  /** Begins with an empty cache. */
  @Setup
  public void clear() {
    places = new SlicePlaces(SLICE_COUNT / SLICES_PER_TABLE, SLICES_PER_TABLE);
    ring = new SliceRing(places, SliceForm.RAW, CACHE_BYTES, new EmptyL2Slice(ENTRIES, 16));
    ring.join(CacheBudget.unlimited().join(ring, 0).orElseThrow());
  }

  /** One look-up. */
  @Benchmark
  public void lookUp(Outcome outcome) {
    int number = next();
    CachedSlice found = places.find(number / SLICES_PER_TABLE, number % SLICES_PER_TABLE);
    if (found == SlicePlaces.NONE) {
      outcome.misses++;
      ring.add(new CachedSlice(number / SLICES_PER_TABLE, number % SLICES_PER_TABLE, slice));
    } else {
      outcome.hits++;
      found.touch(0);
    }
  }

  private int next() {
    step++;
    if (pattern.equals("skewed-and-scan") && (step & 1) == 0) {
      return (int) (step / 2 / SCAN_TOUCHES % SLICE_COUNT);
    }
    double any = random.nextDouble();
    double chosen = pattern.equals("uniform") ? any : any * any * any;
    return (int) (chosen * SLICE_COUNT);
  }
}

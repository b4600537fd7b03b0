package dev.platter.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long it takes to see that memory is all zeros, or all but its last byte, in different ways:
 * beside zeros by {@code mismatch}, as {@code convert} does it, or word by word.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class ZeroScanBenchmark {
  private static final int ZERO_BYTES = 1 << 16;
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[ZERO_BYTES]);
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int UNROLLED_BYTES = 8 * Long.BYTES;
  private static final int BLOCK_BYTES = 512;

  /** How long the memory is, in bytes; a multiple of 512. */
  @Param({"4096", "65536", "524288"})
  private int length;

  /** Whether its last byte is not zero. */
  @Param({"false", "true"})
  private boolean data;

  private Arena arena;
  private MemorySegment bytes;

  /** Allocates and fills it. */
  @Setup
  @SuppressWarnings("MustBeClosedChecker") // free() does
  public void allocate() {
    arena = Arena.ofShared();
    bytes = arena.allocate(length, 4096);
    bytes.set(ValueLayout.JAVA_BYTE, length - 1L, (byte) (data ? 1 : 0));
  }

  /** Frees it. */
  @TearDown
  public void free() {
    arena.close();
  }

  /** Beside 64 KiB of zeros. */
  @Benchmark
  public boolean mismatch() {
    for (long at = 0; at < length; at += ZERO_BYTES) {
      long part = Math.min(ZERO_BYTES, length - at);
      if (bytes.asSlice(at, part).mismatch(ZEROS.asSlice(0, part)) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** One word after the other. */
  @Benchmark
  public boolean words() {
    for (int at = 0; at < length; at += Long.BYTES) {
      if (bytes.get(WORD, at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Eight words at a time. */
  @Benchmark
  public boolean eightWords() {
    for (int at = 0; at < length; at += UNROLLED_BYTES) {
      long all =
          bytes.get(WORD, at)
              | bytes.get(WORD, at + 8)
              | bytes.get(WORD, at + 16)
              | bytes.get(WORD, at + 24)
              | bytes.get(WORD, at + 32)
              | bytes.get(WORD, at + 40)
              | bytes.get(WORD, at + 48)
              | bytes.get(WORD, at + 56);
      if (all != 0) {
        return false;
      }
    }
    return true;
  }

  /** A loop over each sector, which the compiler can make vectors of. */
  @Benchmark
  public boolean sectors() {
    for (int at = 0; at < length; at += BLOCK_BYTES) {
      long all = 0;
      for (int word = at; word < at + BLOCK_BYTES; word += Long.BYTES) {
        all |= bytes.get(WORD, word);
      }
      if (all != 0) {
        return false;
      }
    }
    return true;
  }
}

package dev.platter.qcow2;

import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/** Encoding a slice of 512 entries, and looking up one entry or the run at it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class L2SliceBenchmark {
  private static final int ENTRIES = 512;
  private static final int CLUSTER_BITS = 16;
  private static final long CLUSTERS_OF_20_GIB = 20L << 14;

  /** What the entries are: nothing, clusters in order, in runs of 8, or in random order. */
  @Param({"empty", "ordered", "eights", "random", "raw"})
  private String entries;

  private final L2Slice empty = new EmptyL2Slice(ENTRIES, CLUSTER_BITS);
  private long[] words;
  private L2Slice slice;
  private SliceForm form;
  private int index;

  /** Makes the slice. */
  @Setup
  public void encodeOnce() {
    Random random = new Random(1);
    form = entries.equals("raw") ? SliceForm.RAW : SliceForm.PACKED;
    words = new long[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      words[i] =
          switch (entries) {
            case "empty" -> 0;
            case "ordered" -> L2Entry.normal((i + 100L) << CLUSTER_BITS);
            case "eights" -> i % 8 == 0 ? normal(random) : words[i - 1] + (1L << CLUSTER_BITS);
            default -> normal(random);
          };
    }
    slice = form.encode(words, CLUSTER_BITS, empty);
  }

  private static long normal(Random random) {
    return L2Entry.normal(random.nextLong(1, CLUSTERS_OF_20_GIB) << CLUSTER_BITS);
  }

  /** From words to the form that suits them. */
  @Benchmark
  public L2Slice encode() {
    return form.encode(words, CLUSTER_BITS, empty);
  }

  /** One entry, anywhere. */
  @Benchmark
  public long entry() {
    index = (index + 197) & (ENTRIES - 1);
    return slice.entry(index);
  }

  /** The run from an entry, of a request for 16 clusters. */
  @Benchmark
  public int run() {
    index = (index + 197) & (ENTRIES - 1);
    return slice.run(index, 16);
  }
}

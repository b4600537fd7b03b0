package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.tck.format.CrashDisk;
import dev.platter.tck.format.CrashScenario;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power during every sequence of up to three steps on every variant of a small disk, or
 * during as many of them, in a seeded order, as it takes to reach a number of states.
 *
 * <p>{@code -Dplatter.crash.states=N} sets that number; {@code all} is for all sequences. One in
 * {@code platter.crash.oracle} states is shown to {@code qemu-img} as well. {@code
 * platter.crash.kinds} and {@code platter.crash.steps} are regular expressions: only variants, and
 * sequences with a step, whose text they find are taken. {@code platter.crash.first} passes over so
 * many sequences: those that an earlier run with the same seed and expressions has done.
 */
class CrashCampaignTest {
  private static final String STATES = System.getProperty("platter.crash.states", "2000");
  private static final int PROGRESS_INTERVAL = 2000;
  private static final int FIRST = Integer.getInteger("platter.crash.first", 0);
  private static final int ORACLE_INTERVAL = Integer.getInteger("platter.crash.oracle", 300);

  private static final Pattern KINDS =
      Pattern.compile(System.getProperty("platter.crash.kinds", ""));
  private static final Pattern STEPS =
      Pattern.compile(System.getProperty("platter.crash.steps", ""));

  private final long seed = Long.getLong("platter.seed", 1);
  private final long wanted = STATES.equals("all") ? Long.MAX_VALUE : Long.parseLong(STATES);
  private final Map<CrashVariant, CrashDisk> disks = new HashMap<>();
  private final long start = System.nanoTime();
  private final AtomicInteger next = new AtomicInteger(FIRST);
  private final AtomicLong stateCount = new AtomicLong();
  private final AtomicLong distinctCount = new AtomicLong();
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();
  @TempDir private Path folder;
  private QemuOracle oracle;

  @Test
  void everySequenceSurvivesEveryPowerCut() throws Exception {
    oracle = new QemuOracle(folder, ORACLE_INTERVAL, seed);
    for (CrashVariant variant : CrashVariant.everyKind()) {
      disks.put(variant, variant.disk());
    }
    List<CrashSequence> all = CrashSequence.all(CrashVariant.everyKind());
    List<CrashSequence> sequences = new ArrayList<>(all);
    sequences.removeIf(sequence -> !chosen(sequence));
    Collections.shuffle(sequences, new Random(seed));
    int threadCount = Runtime.getRuntime().availableProcessors();
    try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
      List<Future<Void>> workers =
          IntStream.range(0, threadCount)
              .mapToObj(_ -> threads.submit(() -> work(sequences)))
              .toList();
      for (Future<Void> worker : workers) {
        get(worker);
      }
    }
    print("crash campaign", sequences.size());
    long least = sequences.size() - FIRST == all.size() ? 1_000_000 : 1;
    assertThat(distinctCount.get()).isGreaterThanOrEqualTo(Math.min(wanted, least));
    assertThat(oracle.lookedCount() > 0).isEqualTo(oracle.installed());
  }

  private void print(String what, int sequenceCount) {
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%s: %,d of %,d sequences, %,d states, %,d of them distinct, %s,"
            + " 0 failures, %.0f s, %.0f distinct states/s, seed %d%n",
        what,
        Math.min(next.get(), sequenceCount) - FIRST,
        sequenceCount,
        stateCount.get(),
        distinctCount.get(),
        oracle.installed()
            ? oracle.lookedCount() + " looked at by qemu-img"
            : "SKIPPED: qemu-img is not installed",
        seconds,
        distinctCount.get() / seconds,
        seed);
  }

  private static boolean chosen(CrashSequence sequence) {
    return KINDS.matcher(sequence.variant().toString()).find()
        && sequence.steps().stream().anyMatch(step -> STEPS.matcher(step.toString()).find());
  }

  private Void work(List<CrashSequence> sequences) throws IOException {
    while (distinctCount.get() < wanted) {
      int index = next.getAndIncrement();
      if (index >= sequences.size()) {
        return null;
      }
      if (index > FIRST && index % PROGRESS_INTERVAL == 0) {
        print("so far", sequences.size());
      }
      CrashSequence sequence = sequences.get(index);
      try {
        CrashScenario.Result result = run(sequence);
        stateCount.addAndGet(result.states());
        distinctCount.addAndGet(result.distinct());
      } catch (AssertionError e) {
        next.set(sequences.size());
        throw new AssertionError(
            "%s, -Dplatter.seed=%d: %s".formatted(sequence.variant(), seed, e.getMessage()), e);
      }
    }
    return null;
  }

  private CrashScenario.Result run(CrashSequence sequence) throws IOException {
    CrashVariant variant = sequence.variant();
    return disks
        .get(variant)
        .scenario(sequence.steps())
        .afterwards(variant.afterwards())
        .shownTo(oracle.of(variant))
        .skipping(seen)
        .run(seed);
  }

  private static void get(Future<Void> worker) throws Exception {
    try {
      worker.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw e;
    }
  }
}

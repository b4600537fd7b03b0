package dev.platter.harness.workload;

import dev.platter.harness.guest.MockBlkDriver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Runs workloads on a mock guest's disk. Each job has a queue of its own, as far as there are
 * queues; each queue has a thread.
 *
 * <p>Threads: a runner serves one run at a time. While it runs, nothing else may use the driver's
 * queues.
 */
public final class WorkloadRunner {
  private static final Duration DEFAULT_INTERVAL = Duration.ofMillis(500);

  private final MockBlkDriver driver;
  private final Consumer<Progress> progress;
  private final Duration interval;

  /** A runner that reports no progress. */
  public WorkloadRunner(MockBlkDriver driver) {
    this(driver, report -> {}, DEFAULT_INTERVAL);
  }

  /**
   * A runner that reports progress.
   *
   * @param progress called by the thread that runs the workload
   * @param interval between two reports, positive
   */
  public WorkloadRunner(MockBlkDriver driver, Consumer<Progress> progress, Duration interval) {
    this.driver = driver;
    this.progress = progress;
    this.interval = interval;
  }

  /**
   * Runs a workload to its end. An interrupt of this thread ends it early: what is in flight is
   * waited for, or given up if the device is paused, and the interrupt stays pending.
   *
   * @return the result, also if requests failed or contents were wrong
   * @throws IOException if the device does not answer any more
   * @throws dev.platter.api.error.OptionException if the disk, or the workload's {@code size}, is
   *     too small for its jobs, or too large to be verified
   */
  public WorkloadResult run(Workload workload) throws IOException {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < workload.jobCount(); i++) {
      jobs.add(new Job(workload, i, driver.capacityBytes()));
    }
    Run run = new Run(workload, jobs);
    List<Thread> threads = run.start();
    run.watch(threads);
    return run.result();
  }

  /** One run: its threads, its clock, and what went wrong. */
  private final class Run {
    private final Workload workload;
    private final List<Job> jobs;
    private final List<IOException> failures = new ArrayList<>();
    private long startNanos;
    private long lastNanos;
    private long lastReads;
    private long lastWrites;

    Run(Workload workload, List<Job> jobs) {
      this.workload = workload;
      this.jobs = jobs;
    }

    List<Thread> start() {
      int threadCount = Math.min(jobs.size(), driver.queueCount());
      List<QueueLoop> loops = new ArrayList<>();
      for (int i = 0; i < threadCount; i++) {
        List<Job> share = new ArrayList<>();
        for (int j = i; j < jobs.size(); j += threadCount) {
          share.add(jobs.get(j));
        }
        loops.add(new QueueLoop(driver, driver.queue(i), workload, share));
      }
      startNanos = System.nanoTime();
      lastNanos = startNanos;
      List<Thread> threads = new ArrayList<>();
      for (QueueLoop loop : loops) {
        threads.add(
            Thread.ofPlatform()
                .daemon()
                .name("guest-queue-" + threads.size())
                .start(() -> serve(loop)));
      }
      return threads;
    }

    private void serve(QueueLoop loop) {
      try {
        loop.run();
      } catch (IOException e) {
        synchronized (failures) {
          failures.add(e);
        }
        jobs.forEach(Job::stop);
      }
    }

    /** Reports progress and keeps the time until all threads have ended. */
    void watch(List<Thread> threads) {
      boolean interrupted = false;
      long deadline =
          workload.runtime().isPresent()
              ? startNanos + workload.runtime().get().toNanos()
              : Long.MAX_VALUE;
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          long untilDeadline = deadline - System.nanoTime();
          if (untilDeadline <= 0 || interrupted) {
            jobs.forEach(Job::stop);
          }
          if (interrupted && driver.paused()) {
            driver.giveUp("stopped while the guest was paused");
          }
          long wait =
              Math.min(interval.toNanos(), untilDeadline > 0 ? untilDeadline : Long.MAX_VALUE);
          try {
            if (!thread.join(Duration.ofNanos(wait))) {
              report();
            }
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void report() {
      long now = System.nanoTime();
      double seconds = (now - lastNanos) / 1e9;
      long reads = jobs.stream().mapToLong(job -> job.reads().ioCount()).sum();
      long writes = jobs.stream().mapToLong(job -> job.writes().ioCount()).sum();
      double readRate = (reads - lastReads) / seconds;
      double writeRate = (writes - lastWrites) / seconds;
      OptionalDouble done = done(now, reads + writes);
      lastNanos = now;
      lastReads = reads;
      lastWrites = writes;
      progress.accept(
          new Progress(
              Duration.ofNanos(now - startNanos),
              done,
              readRate,
              writeRate,
              (readRate + writeRate) * workload.blockBytes()));
    }

    /** The share that is done, by requests or by time: whichever ends the workload first. */
    private OptionalDouble done(long now, long ioCount) {
      long total = jobs.stream().mapToLong(Job::stepCount).max().orElse(1);
      double byCount =
          total == Long.MAX_VALUE ? 0 : Math.min(1, ioCount / (double) total / jobs.size());
      if (workload.runtime().isEmpty()) {
        return total == Long.MAX_VALUE ? OptionalDouble.empty() : OptionalDouble.of(byCount);
      }
      double runtimeNanos = Math.max(1, workload.runtime().get().toNanos());
      return OptionalDouble.of(Math.max(byCount, Math.min(1, (now - startNanos) / runtimeNanos)));
    }

    WorkloadResult result() throws IOException {
      if (!failures.isEmpty()) {
        throw failures.getFirst();
      }
      Tally reads = new Tally();
      Tally writes = new Tally();
      List<String> problems = new ArrayList<>();
      long checkedCount = 0;
      long badCount = 0;
      long errorCount = 0;
      long endNanos = startNanos;
      for (Job job : jobs) {
        endNanos = Math.max(endNanos, job.endNanos());
        reads.add(job.reads());
        writes.add(job.writes());
        checkedCount += job.checkedCount();
        badCount += job.badCount();
        errorCount += job.errorCount();
        problems.addAll(job.problems());
      }
      return new WorkloadResult(
          workload,
          Duration.ofNanos(endNanos - startNanos),
          reads,
          writes,
          checkedCount,
          badCount,
          errorCount,
          problems);
    }
  }
}

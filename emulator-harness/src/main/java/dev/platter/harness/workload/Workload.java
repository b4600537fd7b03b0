package dev.platter.harness.workload;

import dev.platter.api.error.OptionException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a mock guest does to a disk: one fio job.
 *
 * <p>A job visits the blocks of its range, in order or each once in random order, and ends when it
 * has visited all, or earlier by {@code ioCount} or {@code runtime}; {@code timeBased}, it starts
 * over until the runtime has passed. Jobs share the range, except with {@link Verify#PATTERN}:
 * there it is divided among them, so that each knows what it wrote.
 *
 * @param name the job's name
 * @param pattern what is done ({@code rw})
 * @param blockBytes the size of each request ({@code bs}), a multiple of 512
 * @param ioDepth requests in flight of each job, at least 1
 * @param jobCount jobs side by side ({@code numjobs}), at least 1; each uses a queue of the disk's,
 *     or shares one if there are fewer
 * @param sizeBytes the range, from the disk's beginning ({@code size}); empty for all of the disk
 * @param seed of everything random ({@code randseed})
 * @param readPercent the share of reads where both are done ({@code rwmixread}), 0 to 100
 * @param verify whether contents are checked
 * @param runtime when to end at the latest
 * @param timeBased whether to go on until then
 * @param ioCount the most requests of each job ({@code number_ios})
 */
public record Workload(
    String name,
    Pattern pattern,
    int blockBytes,
    int ioDepth,
    int jobCount,
    OptionalLong sizeBytes,
    long seed,
    int readPercent,
    Verify verify,
    Optional<Duration> runtime,
    boolean timeBased,
    OptionalLong ioCount) {

  public Workload {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(pattern, "pattern");
    Objects.requireNonNull(sizeBytes, "sizeBytes");
    Objects.requireNonNull(verify, "verify");
    Objects.requireNonNull(runtime, "runtime");
    Objects.requireNonNull(ioCount, "ioCount");
    require(blockBytes > 0 && blockBytes % 512 == 0, "bs must be a multiple of 512");
    require(ioDepth > 0, "iodepth must be at least 1");
    require(jobCount > 0, "numjobs must be at least 1");
    require(readPercent >= 0 && readPercent <= 100, "rwmixread must be 0 to 100");
    require(runtime.isPresent() || !timeBased, "time_based needs a runtime");
  }

  /**
   * A workload of these options.
   *
   * @param options by fio's names: {@code rw}, {@code bs} and so on; those absent have fio's
   *     defaults
   * @throws OptionException with everything that is wrong
   */
  public static Workload of(Map<String, String> options) throws OptionException {
    return WorkloadOptions.read(options);
  }

  /**
   * A workload of option text: {@code rw=randread bs=4k} in words or lines, each with or without
   * the {@code --} of a command line.
   */
  public static Workload parse(String text) throws OptionException {
    return WorkloadOptions.read(WorkloadOptions.split(text));
  }

  /** How much guest memory its requests take, at most. */
  public long guestMemoryBytes() {
    long requestBytes = Math.addExact(blockBytes, 2 * 4096L);
    return Math.multiplyExact(requestBytes, Math.multiplyExact((long) ioDepth, jobCount));
  }

  /** The share of reads among the requests, 0 to 100, for any pattern. */
  int effectiveReadPercent() {
    if (!pattern.writes()) {
      return 100;
    }
    return pattern.reads() ? readPercent : 0;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}

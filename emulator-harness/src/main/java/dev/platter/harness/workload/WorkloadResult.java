package dev.platter.harness.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;

/**
 * What a workload came to.
 *
 * @param workload what was asked for
 * @param elapsed from the first request to the last completion, without the final check
 * @param reads what was read
 * @param writes what was written
 * @param checkedCount blocks that were compared with what they should hold
 * @param badCount of those, the ones that held something else
 * @param errorCount requests that failed; the first ends its job
 * @param problems the first few failures, in words
 */
public record WorkloadResult(
    Workload workload,
    Duration elapsed,
    Tally reads,
    Tally writes,
    long checkedCount,
    long badCount,
    long errorCount,
    List<String> problems) {

  public WorkloadResult {
    problems = List.copyOf(problems);
  }

  /** Whether no request failed and nothing was found that should not be there. */
  public boolean clean() {
    return errorCount == 0 && badCount == 0;
  }

  /** Requests completed each second, in both directions. */
  public double iops() {
    return perSecond(reads.ioCount() + writes.ioCount());
  }

  /** Bytes moved each second, in both directions. */
  public double bytesPerSecond() {
    return perSecond(reads.byteCount() + writes.byteCount());
  }

  double perSecond(long count) {
    return elapsed.isZero() ? 0 : count * 1e9 / elapsed.toNanos();
  }

  /** The result as lines for people, in the manner of fio; ends with a line break. */
  public String toText() {
    return ResultText.of(this);
  }

  /** The result as a JSON object, by fio's names where fio has them. */
  public ObjectNode toJson() {
    return ResultJson.of(this);
  }
}

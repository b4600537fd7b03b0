package dev.platter.harness.workload;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Results as JSON, by the names of {@code fio --output-format=json}. */
final class ResultJson {
  private static final double[] PERCENTILES = {1, 5, 10, 50, 90, 95, 99, 99.9, 99.99};

  private ResultJson() {}

  static ObjectNode of(WorkloadResult result) {
    Workload workload = result.workload();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("jobname", workload.name());
    ObjectNode options = json.putObject("job options");
    options.put("rw", workload.pattern().name().toLowerCase(Locale.ROOT));
    options.put("bs", workload.blockBytes());
    options.put("iodepth", workload.ioDepth());
    options.put("numjobs", workload.jobCount());
    options.put("randseed", workload.seed());
    options.put("verify", workload.verify().name().toLowerCase(Locale.ROOT));
    json.put("elapsed_ns", result.elapsed().toNanos());
    json.put("iops", result.iops());
    json.put("bw_bytes", result.bytesPerSecond());
    direction(json.putObject("read"), result, result.reads());
    direction(json.putObject("write"), result, result.writes());
    json.put("verified_blocks", result.checkedCount());
    json.put("verify_errors", result.badCount());
    json.put("total_err", result.errorCount());
    result.problems().forEach(json.putArray("problems")::add);
    return json;
  }

  private static void direction(ObjectNode json, WorkloadResult result, Tally tally) {
    json.put("total_ios", tally.ioCount());
    json.put("io_bytes", tally.byteCount());
    json.put("iops", result.perSecond(tally.ioCount()));
    json.put("bw_bytes", result.perSecond(tally.byteCount()));
    Histogram latencies = tally.latencies();
    ObjectNode latency = json.putObject("lat_ns");
    latency.put("min", tally.ioCount() == 0 ? 0 : latencies.getMinValue());
    latency.put("max", latencies.getMaxValue());
    latency.put("mean", latencies.getMean());
    latency.put("stddev", latencies.getStdDeviation());
    latency.put("N", latencies.getTotalCount());
    ObjectNode percentiles = latency.putObject("percentile");
    for (double percentile : PERCENTILES) {
      percentiles.put(
          String.format(Locale.ROOT, "%.6f", percentile),
          latencies.getValueAtPercentile(percentile));
    }
  }
}

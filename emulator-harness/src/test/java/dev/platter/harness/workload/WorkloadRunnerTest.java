package dev.platter.harness.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.platter.api.BlockNode;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.harness.TestMachine;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.junit.Disk;
import dev.platter.harness.junit.Fault;
import dev.platter.harness.junit.Guest;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@ExtendWith(PlatterExtension.class)
class WorkloadRunnerTest {
  private static final int DISK_BYTES = 1 << 20;

  private final MemoryNode memory = new MemoryNode("disk", DISK_BYTES);
  private final RecordingNode log = new RecordingNode(memory);

  /** A disk of a megabyte in memory, with four queues. */
  @Retention(RetentionPolicy.RUNTIME)
  @Disk(format = "memory")
  @Guest(queues = 4, queueSize = 64)
  @interface FourQueues {}

  private static WorkloadResult run(MockBlkDriver disk, String workload) throws Exception {
    return new WorkloadRunner(disk).run(Workload.parse(workload));
  }

  private static WorkloadResult run(BlockNode node, String workload) throws Exception {
    BlkOptions options = BlkOptions.builder().requestMerging(false).queues(4, 64).build();
    try (TestMachine machine = TestMachine.of(node, options, DriverOptions.DEFAULT)) {
      return run(machine.driver(), workload);
    }
  }

  @Test
  void readsVisitEveryBlockOnce() throws Exception {
    WorkloadResult result = run(log, "rw=randread bs=4k iodepth=8");

    assertThat(result.reads().ioCount()).isEqualTo(256);
    assertThat(result.reads().byteCount()).isEqualTo(DISK_BYTES);
    assertThat(result.writes().ioCount()).isZero();
    assertThat(result.reads().latencies().getTotalCount()).isEqualTo(256);
    assertThat(log.log(Operation.Read.class).stream().map(Operation.Read::offset).distinct())
        .hasSize(256);
  }

  @Test
  void sizeAndCountAreBounds() throws Exception {
    assertThat(run(log, "rw=write bs=1k size=64k").writes().ioCount()).isEqualTo(64);
    assertThat(run(log, "rw=randread size=64k number_ios=5").reads().ioCount()).isEqualTo(5);
    assertThat(log.log(Operation.Read.class)).allMatch(read -> read.offset() < 65536);
  }

  @Test
  void sameSeedMakesTheSameRequests() throws Exception {
    run(log, "rw=randrw randseed=5 number_ios=100");
    List<String> first = log.log().stream().map(WorkloadRunnerTest::kindAndPlace).toList();
    log.clear();
    run(log, "rw=randrw randseed=5 number_ios=100");

    assertThat(log.log().stream().map(WorkloadRunnerTest::kindAndPlace)).isEqualTo(first);
  }

  private static String kindAndPlace(Operation operation) {
    return switch (operation) {
      case Operation.Read read -> "read " + read.offset();
      case Operation.Write write -> "write " + write.offset();
      default -> operation.toString();
    };
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 100", "100, 100, 0", "70, 70, 30"})
  void mixFollowsThePercentage(int percent, int reads, int writes, @FourQueues MockBlkDriver disk)
      throws Exception {
    WorkloadResult result =
        run(disk, "rw=randrw bs=512 rwmixread=%d number_ios=2000".formatted(percent));

    assertThat(result.reads().ioCount() / 20.0).isBetween(reads - 5.0, reads + 5.0);
    assertThat(result.writes().ioCount() / 20.0).isBetween(writes - 5.0, writes + 5.0);
  }

  @ParameterizedTest
  @CsvSource({"write", "randwrite", "rw", "randrw"})
  void whatWasWrittenIsVerified(
      String pattern,
      @Disk(format = "memory") @Guest(queues = 4, queueSize = 64, workers = 2) MockBlkDriver disk)
      throws Exception {
    WorkloadResult result =
        run(disk, "rw=%s bs=2k iodepth=8 numjobs=4 verify=pattern".formatted(pattern));

    assertThat(result.clean()).as(result.toText()).isTrue();
    assertThat(result.checkedCount()).isGreaterThanOrEqualTo(result.writes().ioCount());
    assertThat(result.reads().ioCount() + result.writes().ioCount()).isEqualTo(512);
  }

  @Test
  void laterRunVerifiesWhatAnEarlierOneWrote(@FourQueues MockBlkDriver disk) throws Exception {
    run(disk, "rw=write bs=4k verify=pattern");
    WorkloadResult good = run(disk, "rw=randread bs=16k verify=pattern");
    assertThat(good.clean()).as(good.toText()).isTrue();
    assertThat(good.checkedCount()).isEqualTo(64);

    disk.write(81920, new byte[512]);
    WorkloadResult bad = run(disk, "rw=read bs=16k verify=pattern");
    assertThat(bad.badCount()).isEqualTo(1);
    assertThat(bad.problems().getFirst())
        .isEqualTo(
            "guest: sector 0xa0: expected generation any, found sector 0x0, seed 0, generation 0");
  }

  @Test
  void misplacedWriteIsFound() throws Exception {
    BlockNode misplacing = new MisplacingNode(memory);
    WorkloadResult result = run(misplacing, "rw=write bs=4k verify=pattern");

    assertThat(result.badCount()).isPositive();
    assertThat(result.clean()).isFalse();
  }

  @Test
  void failedRequestEndsItsJobAndIsCounted(
      @FourQueues @Fault(on = FaultyNode.Kind.READ, nth = 10) MockBlkDriver disk) throws Exception {
    WorkloadResult result = run(disk, "rw=read bs=4k");

    assertThat(result.errorCount()).isEqualTo(1);
    assertThat(result.reads().ioCount()).isEqualTo(9);
    assertThat(result.problems()).singleElement().asString().contains("IOERR");
  }

  @Test
  void timeEndsARunThatWouldGoOn(@FourQueues MockBlkDriver disk) throws Exception {
    WorkloadResult result = run(disk, "rw=randrw verify=pattern time_based runtime=200ms");

    assertThat(result.clean()).as(result.toText()).isTrue();
    assertThat(result.reads().ioCount()).isPositive();
    assertThat(result.elapsed()).isPositive();
  }

  @Test
  void runtimeNeedsNoFullPass(@Disk(format = "memory", size = "1P") MockBlkDriver huge)
      throws Exception {
    WorkloadResult result = run(huge, "rw=randread runtime=50ms iodepth=4");

    assertThat(result.clean()).isTrue();
  }

  @Test
  void progressIsReportedWhileItRuns(@FourQueues MockBlkDriver disk) throws Exception {
    List<Progress> reports = new ArrayList<>();
    new WorkloadRunner(disk, reports::add, Duration.ofMillis(20))
        .run(Workload.parse("rw=randread time_based runtime=200ms"));

    assertThat(reports).isNotEmpty();
    assertThat(reports.getFirst().done().orElseThrow()).isBetween(0.0, 1.0);
    assertThat(reports.getFirst().toLine()).contains("%", "IOPS").endsWith("/s");
  }

  @Test
  void interruptEndsTheRunAndStaysPending(@FourQueues MockBlkDriver disk) throws Exception {
    Thread.currentThread().interrupt();
    WorkloadResult result = run(disk, "rw=randread time_based runtime=1h");

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.clean()).isTrue();
  }

  @Test
  void diskTooSmallForTheJobsIsRefused(@FourQueues MockBlkDriver disk) {
    assertThatThrownBy(() -> run(disk, "bs=512k numjobs=4 verify=pattern"))
        .isInstanceOfSatisfying(
            OptionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(OptionProblem::key, OptionProblem::allowed)
                    .containsExactly(tuple("", "at least 2097152")))
        .hasMessageContaining("too few for 4 jobs");
  }

  @Test
  void rangeTooSmallForTheJobsIsRefusedByItsOption(@FourQueues MockBlkDriver disk) {
    assertThatThrownBy(() -> run(disk, "size=1000"))
        .isInstanceOfSatisfying(
            OptionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(OptionProblem::key, OptionProblem::found, OptionProblem::allowed)
                    .containsExactly(tuple("size", "1000", "at least 4096")))
        .hasMessage("1000 bytes are too few for 1 job with blocks of 4096 bytes");
  }

  @Test
  void depthBeyondTheQueueIsServedInTurns(
      @Disk(format = "memory") @Guest(queueSize = 8, indirect = false) MockBlkDriver disk)
      throws Exception {
    WorkloadResult result = run(disk, "rw=randwrite iodepth=32 numjobs=3 verify=pattern");

    assertThat(result.clean()).as(result.toText()).isTrue();
    assertThat(result.writes().ioCount()).isEqualTo(255);
  }

  @Test
  void resultReadsLikeFios(@FourQueues MockBlkDriver disk) throws Exception {
    WorkloadResult result = run(disk, "name=t rw=randread bs=4k");

    assertThat(result.toText().lines().toList())
        .hasSize(4)
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("t: rw=randread, bs=4KiB, iodepth=1, numjobs=1"),
            line -> assertThat(line).startsWith("  read: IOPS=").contains("1MiB in"),
            line -> assertThat(line).startsWith("    lat (usec): min="),
            line -> assertThat(line).contains(" 99.90th="));
    ObjectNode json = result.toJson();
    assertThat(json.at("/read/total_ios").asLong()).isEqualTo(256);
    assertThat(json.at("/read/lat_ns/percentile/99.000000").asLong()).isPositive();
    assertThat(json.at("/write/total_ios").asLong()).isZero();
    assertThat(json.at("/job options/rw").asText()).isEqualTo("randread");
  }
}

package dev.platter.harness.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadOptionsTest {

  @Test
  void defaultsAreFios() throws Exception {
    Workload workload = Workload.parse("");

    assertThat(workload.pattern()).isEqualTo(Pattern.READ);
    assertThat(workload.blockBytes()).isEqualTo(4096);
    assertThat(workload.ioDepth()).isEqualTo(1);
    assertThat(workload.jobCount()).isEqualTo(1);
    assertThat(workload.readPercent()).isEqualTo(50);
    assertThat(workload.verify()).isEqualTo(Verify.NONE);
    assertThat(workload.sizeBytes()).isEmpty();
    assertThat(workload.runtime()).isEmpty();
  }

  @Test
  void everyOptionIsRead() throws Exception {
    Workload workload =
        Workload.parse(
            """
            --name=mail --rw=randrw --bs=8k --iodepth=16 --numjobs=4 --size=1g --randseed=7
            --rwmixread=70 --verify=pattern --runtime=2m --time_based --number_ios=1000
            """);

    assertThat(workload)
        .isEqualTo(
            new Workload(
                "mail",
                Pattern.RANDRW,
                8192,
                16,
                4,
                OptionalLong.of(1 << 30),
                7,
                70,
                Verify.PATTERN,
                Optional.of(Duration.ofMinutes(2)),
                true,
                OptionalLong.of(1000)));
  }

  @ParameterizedTest
  @CsvSource({
    "30, 30000",
    "30s, 30000",
    "250ms, 250",
    "2m, 120000",
    "1h, 3600000",
    "1d, 86400000",
    "5000us, 5"
  })
  void runtimeHasFiosUnits(String text, long millis) throws Exception {
    assertThat(Workload.parse("runtime=" + text).runtime()).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"rw=readwrite, RW", "rw=randrw, RANDRW", "rw=randread, RANDREAD", "rw=write, WRITE"})
  void patternsHaveFiosWords(String text, Pattern pattern) throws Exception {
    assertThat(Workload.parse(text).pattern()).isEqualTo(pattern);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rw=randred          | Parameter 'rw' does not accept value 'randred'",
        "iodept=4            | Workload does not support the option 'iodept'",
        "iodepth=0           | Value '0' is out of range for parameter 'iodepth'",
        "iodepth=many        | Parameter 'iodepth' expects a number",
        "numjobs=0           | Value '0' is out of range for parameter 'numjobs'",
        "rwmixread=101       | Value '101' is out of range for parameter 'rwmixread'",
        "bs=1000             | 'bs' must be a multiple of 512",
        "bs=256              | Value '256' is out of range for parameter 'bs'",
        "verify=md5          | Parameter 'verify' does not accept value 'md5'",
        "runtime=soon        | Parameter 'runtime' expects a duration",
        "time_based=1        | 'time_based' needs a 'runtime'",
        "time_based=maybe    | Parameter 'time_based' expects 'on' or 'off'",
        "number_ios=-1       | out of range for parameter 'number_ios'",
        "size=-1             | Parameter 'size'",
      })
  void mistakesAreNamed(String text, String message) {
    assertThatThrownBy(() -> Workload.parse(text))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(message);
  }

  @Test
  void misspeltOptionIsSuggested() {
    assertThatThrownBy(() -> Workload.parse("iodept=4"))
        .isInstanceOfSatisfying(
            OptionException.class,
            e -> assertThat(e.problems().getFirst().suggestion()).contains("iodepth"));
  }

  @Test
  void jobFileHasOneWorkloadForEachSection() throws Exception {
    List<Workload> jobs =
        JobFile.parse(
            """
            ; two jobs
            [global]
            bs = 64k
            rw=randread

            # the first
            [reader]
            iodepth=4
            [writer]
            rw=write
            time_based
            runtime=5
            """);

    assertThat(jobs).extracting(Workload::name).containsExactly("reader", "writer");
    assertThat(jobs).extracting(Workload::blockBytes).containsOnly(65536);
    assertThat(jobs).extracting(Workload::pattern).containsExactly(Pattern.RANDREAD, Pattern.WRITE);
    assertThat(jobs.get(0).ioDepth()).isEqualTo(4);
    assertThat(jobs.get(1).timeBased()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rw=read             | line 1: an option outside of a section",
        "[global]            | no job: a job file needs a section besides [global]",
        "[]                  | line 1: section without a name of its own",
      })
  void jobFileThatIsNoneIsRefused(String text, String message) {
    assertThatThrownBy(() -> JobFile.parse(text))
        .isInstanceOf(OptionException.class)
        .hasMessage(message);
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    OptionException refusal =
        catchThrowableOfType(
            OptionException.class,
            () -> Workload.parse("rw=randred bs=700 iodepth=0 runtime=soon time_based frobnicate"));

    assertThat(refusal.problems())
        .extracting(OptionProblem::key)
        .containsExactlyInAnyOrder("rw", "iodepth", "frobnicate", "bs", "runtime");
    assertThat(refusal.problems())
        .filteredOn(problem -> problem.key().equals("bs"))
        .extracting(OptionProblem::allowed)
        .containsExactly("512, 1024");
  }
}

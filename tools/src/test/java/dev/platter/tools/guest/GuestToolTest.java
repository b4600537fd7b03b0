package dev.platter.tools.guest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.platter.tools.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestToolTest {
  @TempDir private Path folder;
  private String base;
  private String overlay;

  @BeforeEach
  void createChain() {
    base = folder.resolve("hd0.qcow2").toString();
    overlay = folder.resolve("hd1.qcow2").toString();
    assertThat(Run.of("img", "create", "-q", "-f", "qcow2", base, "64M").status()).isZero();
    assertThat(
            Run.of("img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", overlay)
                .status())
        .isZero();
  }

  @Test
  void aWorkloadReportsItsSpeedAndTheCachesOfTheChain() {
    Run run = guest("--rw", "randrw", "--bs", "4k", "--number_ios", "200", "--stats");

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("read: IOPS=", "write: IOPS=", "hd0.qcow2", "hd1.qcow2");
    assertThat(run.out()).contains("capacity", "refcount", "covers", "64 MiB", "per GiB");
  }

  @Test
  void whatAVerifiedWorkloadWroteReadsBackAndTheImageIsClean() {
    Run run =
        guest("--rw", "randwrite", "--iodepth", "8", "--number_ios", "300", "--verify", "pattern");

    assertThat(run.out()).contains(" 0 bad");
    assertThat(run.status()).isZero();
    assertThat(Run.of("img", "check", "-q", overlay).status()).isZero();
  }

  @Test
  void aPausedGuestThatNobodyCanResumeEndsTheWorkload() {
    Run run = onFullHost("stop");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("the guest was paused", "No space left on device");
  }

  @Test
  void anErrorThatIsReportedToTheGuestIsCounted() {
    Run run = onFullHost("report");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("errors");
  }

  private Run onFullHost(String werror) {
    String drive =
        "driver=qcow2,werror=%s,file.driver=blkdebug,file.image.driver=file".formatted(werror)
            + ",file.image.filename=%s,file.inject-error.0.event=cluster_alloc".formatted(base)
            + ",file.inject-error.0.errno=28,file.inject-error.0.once=off";
    return Run.of("guest", "--drive", drive, "--rw", "write", "--number_ios", "8");
  }

  @Test
  void theResultIsJsonOnDemand() throws Exception {
    Run run = guest("--rw", "randread", "--number_ios", "100", "--json");

    JsonNode json = new JsonMapper().readTree(run.out());
    assertThat(json.at("/read/total_ios").asLong()).isEqualTo(100);
    assertThat(json.at("/read/lat_ns/percentile/99.000000").asLong()).isPositive();
    assertThat(json.at("/chain/0/image").asText()).endsWith("hd1.qcow2");
    assertThat(json.at("/chain/1/caches/0/name").asText()).isEqualTo("l2");
    assertThat(json.at("/chain/1/caches/0/covered-bytes").isIntegralNumber()).isTrue();
  }

  @Test
  void aMistakeInTheDriveIsShownWhereItStands() {
    Run run = Run.of("guest", "--drive", "file=" + overlay + ",format=qcow2,l2-cahe-size=1M,bus=x");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("l2-cahe-size", "^", "l2-cache-size");
    assertThat(run.err()).contains("'bus'");
  }

  @Test
  void allMistakesInTheWorkloadAreShownWithWhatIsAllowed() {
    Run run = guest("--rw", "randred", "--bs", "700", "--iodepth", "0", "--runtime", "soon");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains("Parameter 'rw' does not accept value 'randred'", "did you mean randread?")
        .contains("'bs' must be a multiple of 512", "allowed: 512, 1024")
        .contains("'iodepth'", "expects a duration");
  }

  @Test
  void aRangeWithoutABlockIsShownWhereItStands() {
    Run run = guest("--rw", "read", "--size", "1000");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            """
            platter guest: the workload does not fit the drive
            1000 bytes are too few for 1 job with blocks of 4096 bytes
              rw=read,size=1000
                           ^~~~
              found: 1000; allowed: at least 4096
            """);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1024})
  void aDiskWithoutABlockIsShownAsTheDrive(int diskBytes) throws Exception {
    Path disk = Files.write(folder.resolve("small.raw"), new byte[diskBytes]);
    String drive = "file=" + disk + ",format=raw";

    Run run = Run.of("guest", "--drive", drive);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("platter guest: the workload does not fit the drive\n" + diskBytes + " bytes")
        .contains("  " + drive + "\n  ^~~", "found: " + diskBytes + "; allowed: at least 4096");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1025", "100000", "many"})
  void queuesThatNoDeviceHasAreShownWhereTheyStand(String count) {
    Run run = guest("--queues", count);

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("platter guest: the workload is not accepted\n")
        .contains(
            "'queues'", "  queues=" + count + "\n         ^", "found: " + count + "; allowed:");
  }

  @Test
  void secretsAndThrottleGroupsThatTheDriveNamesAreGivenAsObjects() {
    String image = folder.resolve("luks.qcow2").toString();
    String secret = "--object=secret,id=s,data=word";
    Run.createEncrypted(
        "secret,id=s,data=word",
        "qcow2",
        "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
        Path.of(image),
        "1M");
    String drive = "file=" + image.replace(",", ",,") + ",format=qcow2,encrypt.key-secret=s";

    Run run =
        Run.of(
            "guest",
            secret,
            "--object",
            "throttle-group,id=g,x-iops-total=1000000",
            "--drive",
            drive + ",throttling.iops-total=1000000,throttling.group=g",
            "--rw",
            "randwrite",
            "--number_ios",
            "50",
            "--verify",
            "pattern");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains(" 0 bad");
    Run without = Run.of("guest", "--drive", drive);
    assertThat(without.status()).isEqualTo(1);
    assertThat(without.err()).contains("No secret with id 's'");
    Run unknown = Run.of("guest", "--object", "secrt,id=s", "--drive", drive);
    assertThat(unknown.err()).contains("secrt");
  }

  @Test
  void anUnknownOptionIsRefusedWithTheOneThatWasMeant() {
    Run run = guest("--iodpth", "4", "--rw", "read");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("unknown argument '--iodpth', did you mean '--iodepth'?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"help=on", "file=a.qcow2,format=qcow2,help"})
  void aDriveThatAsksForHelpIsAnsweredWithItsKeys(String drive) {
    Run run = Run.of("guest", "--drive", drive);

    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("  if=<", "  cache.direct=<", "  l2-cache-size=<size>");
    assertThat(run.out().contains("Options of raw:")).isEqualTo(drive.equals("help=on"));
  }

  @Test
  void aFileNamedHelpIsAFile() {
    assertThat(Run.of("guest", "--drive", "file=none,,help").err()).contains("none,help");
  }

  @Test
  void theHelpListsTheWorkloadsOptions() {
    Run run = Run.of("guest", "--help");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("--drive", "--rw", "--iodepth", "--number_ios", "--json");
  }

  private Run guest(String... workload) {
    String[] words = new String[workload.length + 3];
    words[0] = "guest";
    words[1] = "--drive";
    words[2] = "file=" + overlay.replace(",", ",,") + ",if=virtio,l2-cache-size=128K";
    System.arraycopy(workload, 0, words, 3, workload.length);
    return Run.of(words);
  }
}

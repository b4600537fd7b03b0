package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Site defaults: layers, origins, named drives, and bad files. */
class SiteDefaultsTest {
  private final FakeDrivers drivers = new FakeDrivers();
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();
  @TempDir Path folder;

  private SiteDefaults load() throws IOException {
    return SiteDefaults.load(drivers, environment, properties);
  }

  private SiteDefaults load(String file) throws IOException {
    Path path = Files.writeString(folder.resolve("site.properties"), file);
    environment.put("PLATTER_CONF", path.toString());
    return load();
  }

  private String report(String file) {
    return catchThrowableOfType(DriveSyntaxException.class, () -> load(file))
        .report()
        .replace(folder + File.separator, "");
  }

  private static SiteValue value(SiteDefaults defaults, String key) {
    return defaults.explain().stream()
        .filter(value -> value.key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shippedFileSetsPublishedDefaults() throws Exception {
    SiteDefaults defaults = load();
    assertThat(defaults.chainDepth()).isEqualTo(1024);
    assertThat(defaults.gate()).isEqualTo(GatePolicy.DEFAULT);
    assertThat(defaults.gateFolders()).isEmpty();
    assertThat(defaults.workers()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(defaults.profileNames()).isEmpty();
    assertThat(defaults.driverDefaults())
        .isEqualTo(
            Map.of(
                "qcow2", Map.of("cache-clean-interval", OptionValue.of("0")),
                "file", Map.of("aio", OptionValue.of("threads"))));
  }

  @Test
  void shippedFileDocumentsEveryKey() throws Exception {
    String shipped =
        new String(
            SiteDefaults.class.getResourceAsStream("platter.properties").readAllBytes(),
            StandardCharsets.UTF_8);
    assertThat(SiteKeys.names())
        .allSatisfy(key -> assertThat(shipped).containsPattern("\n#?" + key + "="));
  }

  @Test
  void strongerLayerWins() throws Exception {
    assertThat(value(load(), "workers").origin()).isEqualTo("built-in");
    assertThat(value(load(), "chain-depth").origin()).matches("shipped platter.properties:\\d+");
    assertThat(value(load("\n# a comment\nchain-depth=7\n"), "chain-depth"))
        .isEqualTo(new SiteValue("chain-depth", "7", folder.resolve("site.properties") + ":3"));
    environment.put("PLATTER_CHAIN_DEPTH", "8");
    assertThat(value(load(), "chain-depth"))
        .isEqualTo(new SiteValue("chain-depth", "8", "environment PLATTER_CHAIN_DEPTH"));
    properties.put("platter.chain-depth", "9");
    assertThat(value(load(), "chain-depth"))
        .isEqualTo(new SiteValue("chain-depth", "9", "system property -Dplatter.chain-depth"));
    assertThat(load().chainDepth()).isEqualTo(9);
  }

  @Test
  void optionStringIsStrongest() throws Exception {
    DriveParser parser = load("drive.system.file=a\ndrive.system.l2-cache-size=1M\n").parser();
    assertThat(parser.parse("@system,l2-cache-size=4M").drive())
        .hasToString("file=a,l2-cache-size=4M");
  }

  @Test
  void driverDefaultsReachTheirDriver() throws Exception {
    assertThat(load("driver.qcow2.l2-cache-size=4M\ncache-clean-interval=60\n").driverDefaults())
        .containsEntry(
            "qcow2",
            Map.of(
                "l2-cache-size", OptionValue.of("4M"),
                "cache-clean-interval", OptionValue.of("60")));
  }

  @Test
  void namedDriveStandsForItsKeys() throws Exception {
    SiteDefaults defaults =
        load("drive.sys-1.file=a,b\ndrive.sys-1.format=qcow2\ndrive.sys-1.if=none\n");
    assertThat(defaults.profileNames()).containsExactly("sys-1");
    assertThat(defaults.parser().parse("@sys-1").drive())
        .hasToString("file=a,,b,format=qcow2,if=none");
    assertThat(defaults.parser().parse("@sys-1,driver=raw,file=c,id=d").drive())
        .hasToString("file=c,format=raw,if=none,id=d");
  }

  @Test
  void cacheModeOfStringReplacesFlagsOfNamedDrive() throws Exception {
    DriveParser parser = load("drive.d.file=a\ndrive.d.cache.direct=on\n").parser();
    assertThat(parser.parse("@d,cache=unsafe").drive()).hasToString("file=a,cache=unsafe");
  }

  @Test
  void valuesAreTakenAsTheyAre() throws Exception {
    String path = "/a,b,,c;${user.home}/${env:PATH} 'x' \"y\" äß日本";
    SiteDefaults defaults = load("drive.odd.file=" + path + "\n");
    assertThat(
            ((ChildSpec.Inline)
                    defaults.parser().parse("@odd").drive().node().child("file").orElseThrow())
                .node()
                .text("filename"))
        .contains(path);
    assertThat(value(defaults, "drive.odd.file").value()).isEqualTo(path);
    assertThat(defaults.configuration().getString("drive.odd.file")).isEqualTo(path);
  }

  @Test
  void strictGateHasFolders() throws Exception {
    SiteDefaults defaults = load("gate=strict\ngate-folders=/a" + File.pathSeparator + "/b c\n");
    assertThat(defaults.gate()).isEqualTo(GatePolicy.STRICT);
    assertThat(defaults.gateFolders()).containsExactly(Path.of("/a"), Path.of("/b c"));
  }

  @Test
  void everythingWrongWithFileIsSaidWithFileLineAndKey() {
    assertThat(
            report(
                """
                # mine
                worker=2
                chain-depth=many

                gate=strikt
                driver.qcow3.l2-cache-size=1M
                driver.qcow2.l2-cahe-size=1M
                driver.qcow2.l2-cache-size=1X
                drive.system.file=a
                drive.system.cache=noen
                """))
        .isEqualTo(
            """
            site.properties:2: Unknown key 'worker'
              worker=2
              ^~~~~~
              did you mean workers?
            site.properties:3: Parameter 'chain-depth' expects a number
              chain-depth=many
                          ^~~~
              found: many; allowed: a whole number
            site.properties:5: Parameter 'gate' does not accept value 'strikt'
              gate=strikt
                   ^~~~~~
              found: strikt; allowed: default, beside, strict, off
              did you mean strict?
            site.properties:6: Unknown driver 'qcow3'
              driver.qcow3.l2-cache-size=1M
              ^~~~~~~~~~~~~~~~~~~~~~~~~~
              did you mean driver.qcow2.l2-cache-size?
            site.properties:7: Block format 'qcow2' does not support the option 'l2-cahe-size'
              driver.qcow2.l2-cahe-size=1M
              ^~~~~~~~~~~~~~~~~~~~~~~~~
              did you mean driver.qcow2.l2-cache-size?
            site.properties:8: Parameter 'l2-cache-size' expects a non-negative number below 2^64
              driver.qcow2.l2-cache-size=1X
                                         ^~
              found: 1X; allowed: a number with an optional suffix k, M, G, T, P or E
            site.properties:10: invalid cache option
              drive.system.cache=noen
                                 ^~~~
              found: noen; allowed: writeback, none, writethrough, directsync, unsafe
              did you mean none?\
            """);
  }

  @Test
  void keyThatIsGivenTwiceIsRefused() {
    assertThat(report("workers=1\nworkers=2\n"))
        .startsWith("site.properties:2: 'workers' is given twice, first in line 1");
  }

  @Test
  void includeIsAnUnknownKey() {
    assertThat(report("include=/etc/passwd\n"))
        .startsWith("site.properties:1: Unknown key 'include'");
  }

  @Test
  void defaultsOfADriverThatDoNotGoTogetherAreRefused() {
    assertThat(report("driver.qcow2.overlap-check=all\ndriver.qcow2.overlap-check.template=none\n"))
        .startsWith("site.properties:1: one of them is enough\n  driver.qcow2.overlap-check=all\n");
  }

  @Test
  void theBudgetOfAllCachesIsNoneOrWhatIsSet() throws Exception {
    assertThat(load().cacheBudgetBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(load("cache-budget=256M\n").cacheBudgetBytes()).isEqualTo(256L << 20);
  }

  @Test
  void whatNothingDoesYetIsRefused() {
    assertThat(report("aio=io_uring\n"))
        .contains("site.properties:1: not supported yet: aio=io_uring");
  }

  @Test
  void drivesNeedNames() {
    assertThat(report("drive.file=a\n")).contains("'drive.file' names no drive");
    assertThat(report("drive.a b.file=a\n")).contains("names no drive");
  }

  @Test
  void continuedLinesCount() {
    assertThat(report("# x\ngate=\\\n  default\nworker=1\n"))
        .startsWith("site.properties:4: Unknown key 'worker'");
  }

  @Test
  void badVariableIsRefusedByName() {
    environment.put("PLATTER_WORKERS", "none");
    assertThat(catchThrowableOfType(DriveSyntaxException.class, this::load).report())
        .startsWith(
            """
            environment PLATTER_WORKERS: Parameter 'workers' expects a number
              PLATTER_WORKERS=none
                              ^~~~
            """);
  }

  @Test
  void slipsInVariablesAndPropertiesAreRefusedTogether() {
    environment.put("PLATTER_CONFIG", "/etc/platter.properties");
    environment.put("PLATTER_WORKER", "2");
    properties.put("platter.chain-dept", "2");
    assertThat(catchThrowableOfType(DriveSyntaxException.class, this::load).report())
        .contains("environment PLATTER_CONFIG: 'PLATTER_CONFIG' sets nothing")
        .contains("did you mean PLATTER_CONF?")
        .contains("environment PLATTER_WORKER: 'PLATTER_WORKER' sets nothing")
        .contains("did you mean PLATTER_WORKERS?")
        .contains("system property -Dplatter.chain-dept: 'platter.chain-dept' sets nothing")
        .contains("did you mean platter.chain-depth?");
  }

  @Test
  void variablesAndPropertiesOfOthersAreLeftAlone() throws Exception {
    environment.put("PLATTER_JAVA_HOME", "/jdk");
    environment.put("PLATTER_JAVA_OPTS", "-Xmx1g");
    properties.put("platter.seed", "2");
    assertThat(load().workers()).isPositive();
  }

  @Test
  void missingFileIsRefused() {
    environment.put("PLATTER_CONF", "/no/such/file");
    assertThatThrownBy(this::load)
        .isInstanceOf(IOException.class)
        .hasMessage("PLATTER_CONF names '/no/such/file', which does not exist");
  }

  @Test
  void fileThatIsNotUtf8IsRefused() throws Exception {
    Path path = folder.resolve("site.properties");
    Files.write(path, "gate-folders=/\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
    environment.put("PLATTER_CONF", path.toString());
    assertThatThrownBy(this::load).isInstanceOf(IOException.class).hasMessage(path + ": not UTF-8");
  }

  @Test
  void folderIsNoFileOfDefaults() {
    environment.put("PLATTER_CONF", folder.toString());
    assertThatThrownBy(this::load)
        .isInstanceOf(IOException.class)
        .hasMessage(folder + ": Is a directory");
  }

  @Test
  void escapesThatAreNoneAreRefusedWithFileLineAndKey() {
    assertThat(
            report(
                """
                # mine
                x\\u00zz=3
                drive.s.file=\\u12
                drive.t.file=C:\\\\u1
                worker=2
                """))
        .isEqualTo(
            """
            site.properties:2: invalid escape in 'x\\u00zz'
              x\\u00zz=3
               ^~~~
              found: \\u00; allowed: \\u and four hexadecimal digits; a backslash is written \\\\
            site.properties:3: invalid escape in 'drive.s.file'
              drive.s.file=\\u12
                           ^~~~
              found: \\u12; allowed: \\u and four hexadecimal digits; a backslash is written \\\\
            site.properties:5: Unknown key 'worker'
              worker=2
              ^~~~~~
              did you mean workers?\
            """);
  }

  @Test
  void escapesThatAreRightAreRead() throws Exception {
    assertThat(value(load("drive.s.file=\\u0061\\\\u1\n"), "drive.s.file").value())
        .isEqualTo("a\\u1");
  }

  @Test
  void unknownNamedDriveIsExplained() throws Exception {
    DriveParser parser = load("drive.system.file=a\n").parser();
    DriveSyntaxException refusal =
        catchThrowableOfType(DriveSyntaxException.class, () -> parser.parse("@sytem,if=none"));
    assertThat(refusal.report())
        .isEqualTo(
            """
            Unknown drive profile 'sytem'
              @sytem,if=none
              ^~~~~~
              found: sytem; allowed: system
              did you mean @system?\
            """);
  }

  @Test
  void conflictOfStringWithNamedDriveShowsBoth() throws Exception {
    DriveParser parser = load("drive.d.file=a\ndrive.d.force-share=on\n").parser();
    DriveSyntaxException refusal =
        catchThrowableOfType(DriveSyntaxException.class, () -> parser.parse("@d,read-only=off"));
    assertThat(refusal.located())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.origin()).endsWith("site.properties:2");
              assertThat(problem.input()).isEqualTo("drive.d.force-share=on");
            });
  }

  @Test
  void explanationListsEveryKey() throws Exception {
    List<String> keys =
        load("driver.qcow2.l2-cache-size=4M\ndrive.d.file=a\n").explain().stream()
            .map(SiteValue::key)
            .toList();
    assertThat(keys)
        .containsExactly(
            "cache-sizing",
            "cache-clean-interval",
            "aio",
            "cache-budget",
            "workers",
            "chain-depth",
            "gate",
            "gate-folders",
            "drive.d.file",
            "driver.qcow2.l2-cache-size");
  }
}

package dev.platter.tools.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.conf.DriveParser;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is said to {@code -drive} strings, beside what QEMU says: each line of {@code
 * drive-strings.txt} has a string and the words, {@code ok} where it is accepted. {@code F/} is the
 * images' folder.
 */
class DriveStringsTest {
  private static final String QEMU = "qemu-system-x86_64";
  private static final String ACCEPTED = "ok";
  private static final String PROMPT = "\n(qemu) ";

  private final DriverRegistry drivers = DriverRegistry.discover();
  private final DriveParser parser = new DriveParser(drivers);
  @TempDir private Path folder;

  private record Row(String text, String words) {}

  @BeforeEach
  void createImages() throws IOException {
    try (BlockGraph graph = BlockGraph.builder(drivers).build()) {
      graph.create(CreateRequest.of("qcow2", path("a.qcow2"), 1 << 20));
      graph.create(CreateRequest.of("qcow2", path("c,d.qcow2"), 1 << 20));
      graph.create(CreateRequest.overlay("qcow2", path("o.qcow2"), "a.qcow2", "qcow2"));
      graph.create(CreateRequest.of("raw", path("r.raw"), 1 << 20));
    }
    Files.writeString(folder.resolve("rules"), "[inject-error]\nevent = \"pwritev_done\"\n");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private List<Row> rows() throws IOException {
    try (InputStream table = DriveStringsTest.class.getResourceAsStream("drive-strings.txt")) {
      return new String(table.readAllBytes(), UTF_8)
          .replace("F/", folder + "/")
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" \\| ", 2))
          .map(parts -> new Row(parts[0], parts[1]))
          .toList();
    }
  }

  @Test
  void answersAreThoseOfTheTable() throws IOException {
    SoftAssertions all = new SoftAssertions();
    for (Row row : rows()) {
      all.assertThat(answers(row.text)).as(row.text).contains(row.words);
    }
    all.assertAll();
  }

  private List<String> answers(String text) throws IOException {
    try (BlockGraph graph = BlockGraph.builder(drivers).fileNames(parser::parseFileName).build()) {
      graph.open(parser.parse(text).drive().node());
      return List.of(ACCEPTED);
    } catch (OptionException e) {
      return e.problems().stream().map(OptionProblem::message).toList();
    } catch (IOException e) {
      return List.of(e.getMessage());
    }
  }

  @Test
  void endlessNamesWithinNamesAreRefused() throws IOException {
    String text = "driver=raw,file=" + "blkdebug::".repeat(13_000) + path("r.raw");
    assertThat(answers(text)).contains("nodes are nested more than 500 deep");
  }

  @Test
  void qemuSaysTheSame() throws Exception {
    assumeTrue(isInstalled(), QEMU + " is not installed");
    List<Row> rows = rows();
    StringBuilder commands = new StringBuilder();
    for (Row row : rows) {
      String quoted = row.text.replace("\\", "\\\\").replace("\"", "\\\"");
      commands.append("drive_add 0 \"%s\"\ndrive_del none0\ndrive_del x\n".formatted(quoted));
    }
    List<String> output =
        List.of(run(commands + "quit\n").replace("\r", "").split(Pattern.quote(PROMPT), -1));
    SoftAssertions all = new SoftAssertions();
    for (int i = 0; i < rows.size(); i++) {
      // Behind the greeting come three answers for each row, each behind the echo of its command.
      List<String> said = new ArrayList<>(List.of(output.get(3 * i + 1).split("\n", -1)));
      said.removeFirst();
      all.assertThat(said)
          .as(rows.get(i).text)
          .contains(rows.get(i).words.equals(ACCEPTED) ? "OK" : rows.get(i).words);
    }
    all.assertAll();
  }

  private static boolean isInstalled() {
    return List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, QEMU)));
  }

  private String run(String commands) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                QEMU, "-M", "none", "-nodefaults", "-display", "none", "-S", "-monitor", "stdio")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try (OutputStream monitor = process.getOutputStream()) {
      monitor.write(commands.getBytes(UTF_8));
      monitor.flush();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("%s ends", QEMU).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }
}

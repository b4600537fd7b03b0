package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.tools.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random sequences of commands: Platter and QEMU's programs, each on images of their own, say the
 * same. At the end each finds the other's images sound, and equal to its own, and both draw the
 * same map of each.
 *
 * <p>{@code -Dplatter.sequences=N} runs more of them, {@code -Dplatter.seed=N} one again.
 */
class DifferentialTest {
  private static final int COMMAND_COUNT = 12;
  private static final long FIRST_SEED = 20_250;
  private static final int SEQUENCE_COUNT = Integer.getInteger("platter.sequences", 8);
  private static final Program PLATTER =
      (words, stdin) -> {
        Run result = Run.of(words, stdin);
        return new Program.Result(result.out(), result.err(), result.status());
      };

  @TempDir Path folder;

  static LongStream seeds() {
    Long seed = Long.getLong("platter.seed");
    return seed != null
        ? LongStream.of(seed)
        : LongStream.range(FIRST_SEED, FIRST_SEED + SEQUENCE_COUNT);
  }

  @ParameterizedTest(name = "-Dplatter.seed={0}")
  @MethodSource("seeds")
  void bothSayTheSame(long seed) throws IOException, InterruptedException {
    assumeTrue(
        QemuProgram.isInstalled(),
        "qemu-img and qemu-io " + QemuProgram.RECORDED_VERSION + " are not installed");
    RandomCommands commands = new RandomCommands(seed);
    Path ours = Files.createDirectory(folder.resolve("ours"));
    Path theirs = Files.createDirectory(folder.resolve("qemu"));
    List<String> lines = new ArrayList<>(commands.create());
    for (int i = 0; i < COMMAND_COUNT; i++) {
      lines.addAll(commands.next());
    }
    StringBuilder log = new StringBuilder("-Dplatter.seed=" + seed + "\n");
    for (String line : lines) {
      log.append("$ ").append(line).append('\n');
      assertThat(run(PLATTER, line, ours))
          .as(log.toString())
          .isEqualTo(run(new QemuProgram(), line, theirs));
    }
    for (String image : commands.images()) {
      checkEachOther(log.toString(), Path.of(image).getFileName().toString(), ours, theirs);
    }
  }

  private static void checkEachOther(String log, String name, Path ours, Path theirs)
      throws IOException, InterruptedException {
    String own = ours.resolve(name).toString();
    String other = theirs.resolve(name).toString();
    for (Program program : List.of(PLATTER, new QemuProgram())) {
      assertThat(program.run(List.of("img", "compare", own, other), new byte[0]).out())
          .as(log)
          .isEqualTo("Images are identical.\n");
      for (String image : List.of(own, other)) {
        Program.Result check = program.run(List.of("img", "check", image), new byte[0]);
        assertThat(check.status()).as(log + check).isIn(0, 63);
      }
    }
    for (String image : List.of(own, other)) {
      for (String form : List.of("human", "json")) {
        List<String> map = List.of("img", "map", "--output=" + form, image);
        assertThat(PLATTER.run(map, new byte[0]))
            .as(log)
            .isEqualTo(new QemuProgram().run(map, new byte[0]));
      }
    }
  }

  private static String run(Program program, String line, Path folder)
      throws IOException, InterruptedException {
    List<String> words =
        Words.split(line).stream().map(word -> word.replace("DIR", folder.toString())).toList();
    Program.Result result = program.run(words, new byte[0]);
    String out = Masks.places(Masks.timesAndSizes(result.out(), folder.toString()));
    String err = Masks.timesAndSizes(result.err(), folder.toString());
    return out + "\n-- standard error --\n" + err + "\n-- exit status " + result.status();
  }
}

package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Runs the rows of a table with a program, one after the other, in one folder. */
final class TableRun {
  private final Program program;
  private final Path folder;
  private byte[] stdin = new byte[0];

  TableRun(Program program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /** A test for each row; they are to be run in order. */
  Stream<DynamicTest> tests(ToolTable table, boolean ours) {
    return table.steps().stream()
        .filter(step -> ours || !(step instanceof ToolTable.Row row && row.onlyOurs()))
        .map(
            step ->
                switch (step) {
                  case ToolTable.Row row ->
                      DynamicTest.dynamicTest(
                          row.line() + ": " + row.commandLine(), () -> check(row));
                  case ToolTable.Preparation preparation ->
                      DynamicTest.dynamicTest(
                          String.join(" ", preparation.words()), () -> prepare(preparation));
                });
  }

  private void check(ToolTable.Row row) throws IOException, InterruptedException {
    List<String> words = row.words().stream().map(this::placed).toList();
    Program.Result result = program.run(words, stdin);
    stdin = new byte[0];
    assertThat(shown(masked(result.out()), masked(result.err()), result.status()))
        .as("$ " + row.commandLine())
        .isEqualTo(shown(row.out(), row.err(), row.status()));
  }

  private static String shown(String out, String err, int status) {
    return out + "\n-- standard error --\n" + err + "\n-- exit status " + status;
  }

  private String placed(String word) {
    return word.replace("DIR", folder.toString());
  }

  private String masked(String text) {
    return Masks.timesAndSizes(text, folder.toString());
  }

  private void prepare(ToolTable.Preparation preparation) throws IOException {
    List<String> words = preparation.words();
    Path path = Path.of(placed(words.get(1)));
    switch (words.getFirst()) {
      case "file" -> Files.write(path, Words.bytes(words.get(2)));
      case "folder" -> Files.createDirectory(path);
      case "poke" -> {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
          file.seek(Long.decode(words.get(2)));
          file.write(HexFormat.of().parseHex(words.get(3)));
        }
      }
      case "stdin" -> stdin = Words.bytes(placed(words.get(1)));
      default -> throw new IllegalArgumentException("no such preparation: " + words);
    }
  }
}

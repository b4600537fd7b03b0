package dev.platter.tools.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of commands with what they print, as text that people read:
 *
 * <pre>
 * # A remark.
 * % file DIR/small.txt hello        a file that the rows after it need
 * % poke DIR/a.qcow2 0x20028 0001   bytes written over a file's
 * % folder DIR/folder               a folder
 * % stdin 'length\n'                standard input of the next row
 * $ img info DIR/none               a command line
 * | text                            a line of standard output; ends with \ if it has no line feed
 * ! text                            a line of standard error
 * = 1                               the exit status, if it is not 0
 * </pre>
 *
 * <p>{@code DIR} is a folder that is empty at first. {@code TIME} and {@code SIZE} stand for what
 * differs from run to run. Every row was recorded from QEMU's own program, and is compared with it
 * again where it is installed; a row that begins with {@code $ours} is Platter's own.
 *
 * @param name the table's name
 * @param steps its lines, in order
 */
record ToolTable(String name, List<Step> steps) {

  /** What a line asks for. */
  sealed interface Step {}

  /** Something to be prepared: {@code file}, {@code poke}, {@code folder} or {@code stdin}. */
  record Preparation(List<String> words) implements Step {}

  /**
   * A command and what is expected of it.
   *
   * @param line the number of its line, for messages
   * @param commandLine the command as it stands there
   * @param onlyOurs whether QEMU's program does something else
   */
  record Row(int line, String commandLine, boolean onlyOurs, String out, String err, int status)
      implements Step {
    List<String> words() {
      return Words.split(commandLine);
    }
  }

  /** Reads the table of this name. */
  static ToolTable read(String name) throws IOException {
    try (InputStream in = ToolTable.class.getResourceAsStream(name + ".txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new ToolTable(name, parse(text.lines().toList()));
    }
  }

  private static List<Step> parse(List<String> lines) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("% ")) {
        steps.add(new Preparation(Words.split(line.substring(2))));
      } else if (line.startsWith("$")) {
        steps.add(row(lines, i));
      }
    }
    return steps;
  }

  private static Row row(List<String> lines, int index) {
    String commandLine = lines.get(index);
    boolean onlyOurs = commandLine.startsWith("$ours ");
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();
    int status = 0;
    for (int i = index + 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("|")) {
        append(out, line);
      } else if (line.startsWith("!")) {
        append(err, line);
      } else if (line.startsWith("= ")) {
        status = Integer.parseInt(line.substring(2));
      } else {
        break;
      }
    }
    return new Row(
        index + 1,
        commandLine.substring(commandLine.indexOf(' ') + 1),
        onlyOurs,
        out.toString(),
        err.toString(),
        status);
  }

  private static void append(StringBuilder text, String line) {
    String content = line.length() > 2 ? line.substring(2) : "";
    text.append(
        content.endsWith("\\") ? content.substring(0, content.length() - 1) : content + "\n");
  }
}

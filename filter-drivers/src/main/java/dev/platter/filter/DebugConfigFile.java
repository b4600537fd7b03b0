package dev.platter.filter;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules from a file in QEMU's configuration syntax: a section {@code [inject-error]} or {@code
 * [set-state]} for each, with lines {@code event = "l2_load"}.
 */
final class DebugConfigFile {
  private static final Pattern SECTION = Pattern.compile("\\[\\s*([\\w-]+)(\\s+\"[^\"]*\")?\\s*]");
  private static final Pattern FIELD = Pattern.compile("([\\w-]+)\\s*=\\s*\"([^\"]*)\"");

  private record Section(String name, Map<String, OptionValue> fields) {}

  private DebugConfigFile() {}

  /** The rules that a file holds, in its order. */
  static List<DebugRule> read(String fileName) throws IOException {
    List<DebugRule> rules = new ArrayList<>();
    for (Section section : sections(fileName)) {
      boolean injects = section.name().equals(DebugRuleOptions.INJECT_ERROR);
      OptionSchema schema =
          injects ? DebugRuleOptions.INJECT_ERROR_FIELDS : DebugRuleOptions.SET_STATE_FIELDS;
      var fields = schema.read("Section '%s'".formatted(section.name()), section.fields());
      rules.add(injects ? DebugRuleOptions.injectError(fields) : DebugRuleOptions.setState(fields));
    }
    return rules;
  }

  private static List<Section> sections(String fileName) throws IOException {
    List<Section> sections = new ArrayList<>();
    int lineNumber = 0;
    for (String raw : lines(fileName)) {
      lineNumber++;
      String line = raw.strip();
      Matcher section = SECTION.matcher(line);
      Matcher field = FIELD.matcher(line);
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (section.matches() && known(section.group(1))) {
        sections.add(new Section(section.group(1), new LinkedHashMap<>()));
      } else if (field.matches() && !sections.isEmpty()) {
        sections.getLast().fields().put(field.group(1), OptionValue.of(field.group(2)));
      } else {
        throw new OptionException(
            OptionProblem.of(
                BlkDebugProvider.CONFIG.name(),
                "%s:%d: parse error: %s".formatted(fileName, lineNumber, line)));
      }
    }
    return sections;
  }

  private static boolean known(String section) {
    return section.equals(DebugRuleOptions.INJECT_ERROR)
        || section.equals(DebugRuleOptions.SET_STATE);
  }

  private static List<String> lines(String fileName) throws IOException {
    try {
      return Files.readAllLines(Path.of(fileName));
    } catch (NoSuchFileException e) {
      throw BlockIoException.of("Could not read blkdebug config file", Errno.ENOENT);
    }
  }
}

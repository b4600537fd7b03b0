package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.NodeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what {@code -blockdev} and QMP's {@code blockdev-add} take: a node with its name, every
 * driver named, sizes in bytes. A text that begins with a brace is a JSON object, in which numbers
 * and flags must be JSON's; any other is {@code key=value}.
 */
public final class Blockdev {
  private Blockdev() {}

  /**
   * The node that a text describes. The values of a JSON object keep their types.
   *
   * @throws DriveSyntaxException with everything that is wrong with the text
   */
  public static NodeSpec parse(String text, DriverLookup drivers) throws DriveSyntaxException {
    Problems problems = new Problems();
    NodeSpec node = read(SourceText.of(text), drivers, problems, new ArrayList<>());
    problems.throwIfAny();
    return node;
  }

  /** The node, as far as it could be read. */
  static NodeSpec read(
      SourceText source, DriverLookup drivers, Problems problems, List<OptionWarning> warnings) {
    boolean isJson = source.text().startsWith("{");
    Problems syntax = new Problems();
    Map<String, Entry> entries = entries(source, isJson, syntax);
    if (!syntax.isEmpty()) {
      problems.addAll(syntax);
      return NodeSpec.probed();
    }
    NodeSpec node =
        new NodeReader(drivers, isJson ? Dialect.QMP : Dialect.KEYVAL, false, problems, warnings)
            .read(entries, source.whole());
    if (node.nodeName().isEmpty()) {
      problems.add(
          OptionProblem.of("node-name", "'node-name' must be specified for the root node"),
          source.whole());
    }
    return node;
  }

  private static Map<String, Entry> entries(SourceText source, boolean isJson, Problems problems) {
    List<Entry> list =
        isJson ? JsonEntries.of(source, problems) : KeyValString.scan(source, "driver", problems);
    Map<String, Entry> entries = new LinkedHashMap<>();
    list.forEach(entry -> entries.put(entry.key(), entry));
    return entries;
  }
}

package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.spec.NodeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads what {@code --image-opts} takes: the keys of a node, without those of a drive. Of a key
 * that is given twice the last one counts. Immutable; threads: as its consumer of warnings.
 *
 * <p>What a node's driver is may only be found when it is opened; options that no driver has are
 * left until then, so that the refusal names the driver.
 */
public final class ImageOptsParser {
  /** Words that ask for help elsewhere; here they are options that nobody has. */
  private static final Set<String> HELP = Set.of("help", "?");

  private final DriverLookup drivers;
  private final Consumer<OptionWarning> warnings;

  /**
   * @param warnings is told of what should be written in another way, also if the text is refused
   */
  public ImageOptsParser(DriverLookup drivers, Consumer<OptionWarning> warnings) {
    this.drivers = Objects.requireNonNull(drivers, "drivers");
    this.warnings = Objects.requireNonNull(warnings, "warnings");
  }

  /**
   * Reads a node: {@code driver=qcow2,file.filename=a.qcow2}.
   *
   * @throws DriveSyntaxException with everything that is wrong with the text
   */
  public NodeSpec parse(String text) throws DriveSyntaxException {
    return parse(text, false);
  }

  /**
   * Reads options that come on top of a node: parts of it may be missing.
   *
   * @throws DriveSyntaxException with everything that is wrong with the text
   */
  public NodeSpec parseMore(String text) throws DriveSyntaxException {
    return parse(text, true);
  }

  /**
   * Reads the node that a file name denotes: {@code json:{...}}, {@code blkdebug:CONFIG:FILE} or a
   * path.
   *
   * @throws DriveSyntaxException with everything that is wrong with it
   */
  public NodeSpec parseFileName(String fileName) throws DriveSyntaxException {
    SourceText source = SourceText.of(OptionString.write("file", fileName));
    Problems problems = new Problems();
    Entry name = OptionString.scan(source, 0, new ArrayList<>()).getFirst();
    Map<String, Entry> entries = new LinkedHashMap<>();
    new FileNameReader(drivers, problems).expand(name, "", entries);
    problems.throwIfAny();
    return read(entries, source, false);
  }

  private NodeSpec parse(String text, boolean partial) throws DriveSyntaxException {
    SourceText source = SourceText.of(text);
    List<OptionWarning> shortForms = new ArrayList<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    OptionString.scan(source, 0, shortForms).forEach(entry -> entries.put(entry.key(), entry));
    shortForms.stream().filter(warning -> !HELP.contains(warning.key())).forEach(warnings);
    return read(entries, source, partial);
  }

  private NodeSpec read(Map<String, Entry> entries, SourceText source, boolean partial)
      throws DriveSyntaxException {
    Problems problems = new Problems();
    List<OptionWarning> found = new ArrayList<>();
    NodeSpec node =
        new NodeReader(drivers, Dialect.IMAGE_OPTS, partial, problems, found)
            .read(entries, source.whole());
    found.forEach(warnings);
    problems.throwIfAny();
    return node;
  }
}

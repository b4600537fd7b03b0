package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.option.OptionValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Spells out a file name as the keys of the node that it denotes: {@code blkdebug:CONFIG:FILE} is
 * {@code driver=blkdebug,config=CONFIG,image.driver=file,image.filename=FILE}.
 */
final class FileNameReader {
  private static final String HOST_FILE = "file";
  private static final String FILENAME = "filename";
  private static final String DRIVER = "driver";
  private static final String NULL = "null-";

  /** Of drivers, keys that hold file names, and the paths of the nodes that these denote. */
  private static final Map<String, List<NameBelow>> NAMES_BELOW =
      Map.of(
          FileName.BLKDEBUG,
          List.of(new NameBelow("x-image", "image.")),
          FileName.BLKVERIFY,
          List.of(new NameBelow("x-raw", "raw."), new NameBelow("x-image", "test.file.")));

  /** A key that holds the name of a node below, whose keys begin with {@code prefix}. */
  private record NameBelow(String key, String prefix) {}

  private final DriverLookup lookup;
  private final Problems problems;

  FileNameReader(DriverLookup lookup, Problems problems) {
    this.lookup = lookup;
    this.problems = problems;
  }

  /**
   * Adds to {@code rest} what a name says; keys that are there already win. JSON describes the node
   * on top.
   *
   * @param prefix what stands before the keys of the node that takes a file name: {@code file.}
   * @return whether the name could be read
   */
  boolean expand(Entry entry, String prefix, Map<String, Entry> rest) {
    return entry.text().startsWith(FileName.JSON)
        ? describe(entry, "", rest)
        : name(entry, prefix, rest);
  }

  /**
   * Spells out the names that {@code blkdebug} and {@code blkverify} take of the nodes below them,
   * as keys of their own.
   *
   * @param node a node's keys, of which those names are taken out
   */
  void expandNamesBelow(Map<String, Entry> node) {
    Entry driver = node.get(DRIVER);
    NAMES_BELOW
        .getOrDefault(driver == null ? "" : driver.text(), List.of())
        .forEach(
            below -> {
              Entry name = node.remove(below.key());
              if (name != null) {
                expandWithin(name, below.prefix(), node);
              }
            });
  }

  /** A name within another one, where JSON describes the node that has it. */
  private boolean expandWithin(Entry entry, String prefix, Map<String, Entry> rest) {
    if (prefix.chars().filter(c -> c == '.').count() > NodeReader.MAXIMUM_DEPTH) {
      problems.key(entry, NodeReader.TOO_DEEP);
      return false;
    }
    return entry.text().startsWith(FileName.JSON)
        ? describe(entry, prefix, rest)
        : name(entry, prefix, rest);
  }

  private boolean describe(Entry entry, String prefix, Map<String, Entry> rest) {
    List<Entry> members = JsonEntries.ofFileName(entry, problems);
    members.forEach(member -> rest.putIfAbsent(prefix + member.key(), member));
    return !members.isEmpty();
  }

  private boolean name(Entry entry, String prefix, Map<String, Entry> rest) {
    String name = entry.text();
    Entry given = rest.get(prefix + DRIVER);
    String driver = given == null ? FileName.protocol(name).orElse(HOST_FILE) : given.text();
    if (given == null && !takesNames(driver)) {
      refuseProtocol(driver, entry);
      return false;
    }
    Entry other = rest.get(prefix + FILENAME);
    if (other != null) {
      problems.key(other, "Can't specify 'file' and 'filename' options at the same time");
      return false;
    }
    rest.putIfAbsent(prefix + DRIVER, entry.with(OptionValue.of(driver)));
    return name(driver, entry, prefix, rest);
  }

  private boolean name(String driver, Entry entry, String prefix, Map<String, Entry> rest) {
    String start = driver + ":";
    boolean stripped = entry.text().startsWith(start);
    Entry names = stripped ? entry.part(start.length(), entry.text().length()) : entry;
    if (driver.startsWith(NULL)) {
      return checkNothing(driver, entry);
    }
    return switch (driver) {
      case FileName.BLKDEBUG -> debugged(names, stripped, prefix, rest);
      case FileName.BLKVERIFY -> verified(names, stripped, prefix, rest);
      case HOST_FILE -> {
        rest.put(prefix + FILENAME, names);
        yield true;
      }
      default -> {
        rest.put(prefix + FILENAME, entry);
        yield true;
      }
    };
  }

  private boolean checkNothing(String driver, Entry entry) {
    String only = driver + "://";
    boolean right = entry.text().equals(only);
    if (!right) {
      problems.value(
          entry,
          "The only allowed filename for this driver is '%s'".formatted(only),
          only,
          Optional.empty());
    }
    return right;
  }

  /** {@code CONFIG:FILE}, of which the first may be empty; or a file alone. */
  private boolean debugged(Entry names, boolean both, String prefix, Map<String, Entry> rest) {
    String text = names.text();
    int configEnd = both ? text.indexOf(':') : 0;
    if (configEnd < 0) {
      problems.value(
          names, "blkdebug requires both config file and image path", "", Optional.empty());
      return false;
    }
    if (configEnd > 0) {
      rest.putIfAbsent(prefix + "config", names.part(0, configEnd));
    }
    Entry image = both ? names.part(configEnd + 1, text.length()) : names;
    return expandWithin(image, prefix + "image.", rest);
  }

  /** {@code RAW:IMAGE}, of which the second is in any format; or the second alone. */
  private boolean verified(Entry names, boolean both, String prefix, Map<String, Entry> rest) {
    String text = names.text();
    int rawEnd = both ? text.indexOf(':') : 0;
    if (rawEnd < 0) {
      problems.value(
          names, "blkverify requires raw copy and original image path", "", Optional.empty());
      return false;
    }
    Entry image = both ? names.part(rawEnd + 1, text.length()) : names;
    return (!both || expandWithin(names.part(0, rawEnd), prefix + "raw.", rest))
        && expandWithin(image, prefix + "test.file.", rest);
  }

  /** Whether names may begin with a driver's name, for it to read the rest. */
  private boolean takesNames(String driver) {
    return names().contains(driver);
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    lookup.all().stream()
        .filter(
            driver ->
                driver instanceof ProtocolDriverProvider
                    || FileName.NAMED_FILTERS.contains(driver.name()))
        .map(BlockDriverProvider::name)
        .forEach(names::add);
    return names;
  }

  private void refuseProtocol(String protocol, Entry entry) {
    problems.value(
        entry,
        "Unknown protocol '%s'".formatted(protocol),
        String.join(", ", names()) + "; a path with a colon begins with ./ or /",
        Optional.of(OptionString.write("file", "./" + entry.text())));
  }
}

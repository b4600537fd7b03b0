package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.option.OptionValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Spells out a file name as the keys of the node that it denotes. */
final class FileNameReader {
  private static final String HOST_FILE = "file";
  private static final String FILENAME = "filename";

  private final DriverLookup lookup;
  private final Problems problems;

  FileNameReader(DriverLookup lookup, Problems problems) {
    this.lookup = lookup;
    this.problems = problems;
  }

  /**
   * Adds to {@code rest} what a name says; where it is JSON, keys that are there already win.
   *
   * @param prefix what stands before the keys of the node that takes a file name: {@code file.}
   * @return whether the name could be read
   */
  boolean expand(Entry entry, String prefix, Map<String, Entry> rest) {
    String name = entry.text();
    if (name.startsWith(FileName.JSON)) {
      List<Entry> members = JsonEntries.ofFileName(entry, problems);
      members.forEach(member -> rest.putIfAbsent(member.key(), member));
      return !members.isEmpty();
    }
    Optional<String> protocol = FileName.protocol(name);
    if (protocol.isPresent() && !checkProtocol(protocol.get(), entry)) {
      return false;
    }
    Entry other = rest.get(prefix + FILENAME);
    if (other != null) {
      problems.key(other, "Can't specify 'file' and 'filename' options at the same time");
      return false;
    }
    boolean stripped = protocol.equals(Optional.of(HOST_FILE));
    String path = stripped ? name.substring(HOST_FILE.length() + 1) : name;
    rest.put(prefix + FILENAME, entry.with(OptionValue.of(path)));
    rest.putIfAbsent(prefix + "driver", entry.with(OptionValue.of(protocol.orElse(HOST_FILE))));
    return true;
  }

  private boolean checkProtocol(String protocol, Entry entry) {
    List<String> names =
        lookup.all().stream()
            .filter(ProtocolDriverProvider.class::isInstance)
            .map(BlockDriverProvider::name)
            .toList();
    if (names.contains(protocol)) {
      return true;
    }
    problems.value(
        entry,
        "Unknown protocol '%s'".formatted(protocol),
        String.join(", ", names) + "; a path with a colon begins with ./ or /",
        Optional.of(OptionString.write("file", "./" + entry.text())));
    return false;
  }
}

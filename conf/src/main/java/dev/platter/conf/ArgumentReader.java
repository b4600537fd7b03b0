package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.NodeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a command line: each argument, and then all of them together. */
final class ArgumentReader {
  /** What the short options stand for, behind the file name. */
  private static final Map<String, String> DISKS =
      Map.of(
          "-hda", ",index=0,media=disk",
          "-hdb", ",index=1,media=disk",
          "-hdc", ",index=2,media=disk",
          "-hdd", ",index=3,media=disk",
          "-cdrom", ",index=2,media=cdrom");

  /** Options whose argument may be anything, also something that looks like one of ours. */
  private static final Set<String> FREE_TEXT = Set.of("-append", "-name");

  private final DriveParser parser;
  private final Problems problems = new Problems();
  private final List<OptionWarning> warnings = new ArrayList<>();
  private final List<Located<DriveSpec>> drives = new ArrayList<>();
  private final List<Located<NodeSpec>> nodes = new ArrayList<>();
  private final List<Located<Attachment>> attachments = new ArrayList<>();
  private final List<String> rest = new ArrayList<>();

  private ArgumentReader(DriveParser parser) {
    this.parser = parser;
  }

  /** What an argument says, and the argument. */
  record Located<T>(T value, SourceText.Place place) {}

  static DriveArguments read(List<String> argv, DriveParser parser, DriveInterface machineDefault)
      throws DriveSyntaxException {
    ArgumentReader reader = new ArgumentReader(parser);
    int index = 0;
    while (index < argv.size()) {
      index += reader.readOption(argv, index);
    }
    return reader.together(machineDefault);
  }

  /** Reads an option, and says how many arguments it took. */
  private int readOption(List<String> argv, int index) {
    String written = argv.get(index);
    String option = written.startsWith("--") ? written.substring(1) : written;
    boolean isOurs =
        option.equals("-drive") || option.equals("-blockdev") || DISKS.containsKey(option);
    boolean hasArgument = index + 1 < argv.size();
    if (isOurs && !hasArgument) {
      problems.add(
          OptionProblem.of(option, option + ": requires an argument"),
          SourceText.of(written).whole());
      return 1;
    }
    if (isOurs) {
      readOurs(option, argv.get(index + 1));
      return 2;
    }
    rest.add(written);
    if (hasArgument && (option.equals("-device") || FREE_TEXT.contains(option))) {
      rest.add(argv.get(index + 1));
      if (option.equals("-device")) {
        readDevice(new SourceText("-device", argv.get(index + 1)));
      }
      return 2;
    }
    return 1;
  }

  private void readOurs(String option, String argument) {
    Problems found = new Problems();
    if (option.equals("-blockdev")) {
      SourceText source = new SourceText(option, argument);
      NodeSpec node = Blockdev.read(source, parser.drivers(), found, warnings);
      if (found.isEmpty()) {
        nodes.add(new Located<>(node, source.whole()));
      }
    } else {
      String disk = DISKS.get(option);
      SourceText source =
          new SourceText(
              option, disk == null ? argument : OptionString.write("file", argument) + disk);
      Optional<DriveSpec> drive = parser.read(source, found, warnings);
      if (found.isEmpty()) {
        drives.add(new Located<>(drive.orElseThrow(), source.whole()));
      }
    }
    problems.addAll(found);
  }

  /** Notes a device's drive; whatever else is wrong with a device is not ours to say. */
  private void readDevice(SourceText source) {
    Problems ignored = new Problems();
    List<Entry> entries =
        source.text().startsWith("{")
            ? JsonEntries.of(source, ignored)
            : KeyValString.scan(source, "driver", ignored);
    Map<String, String> properties = new LinkedHashMap<>();
    entries.forEach(entry -> properties.put(entry.key(), entry.text()));
    String device = properties.remove("driver");
    String drive = properties.remove("drive");
    if (device != null && drive != null) {
      attachments.add(new Located<>(new Attachment(device, drive, properties), source.whole()));
    }
  }

  private DriveArguments together(DriveInterface machineDefault) throws DriveSyntaxException {
    DrivePlacement placement = new DrivePlacement(machineDefault, problems);
    List<Located<PlacedDrive>> placed =
        drives.stream()
            .map(one -> new Located<>(placement.place(one.value, one.place), one.place))
            .toList();
    // A reference to a drive that could not be read is not another mistake.
    if (problems.isEmpty()) {
      new NameCheck(problems).check(placed, nodes, attachments);
    }
    problems.throwIfAny();
    return new DriveArguments(values(placed), values(nodes), values(attachments), rest, warnings);
  }

  private static <T> List<T> values(List<Located<T>> located) {
    return located.stream().map(Located::value).toList();
  }
}

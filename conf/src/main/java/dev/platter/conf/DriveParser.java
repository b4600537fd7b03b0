package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.spec.NodeSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code -drive} option strings, for one set of drivers and named profiles. Immutable; any
 * thread may use it.
 */
public final class DriveParser {
  /** Keys with two names; the second one is what the rest of the reading knows. */
  static final Map<String, String> ALIASES = aliases();

  private final DriverLookup drivers;
  private final DriveProfiles profiles;

  /** A parser that knows no profiles. */
  public DriveParser(DriverLookup drivers) {
    this(drivers, DriveProfiles.NONE);
  }

  DriveParser(DriverLookup drivers, DriveProfiles profiles) {
    this.drivers = Objects.requireNonNull(drivers, "drivers");
    this.profiles = profiles;
  }

  private static Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>(Throttling.ALIASES);
    aliases.put("readonly", "read-only");
    aliases.put("format", "driver");
    return aliases;
  }

  /**
   * Reads an option string: {@code file=a.qcow2,if=virtio,l2-cache-size=4M}, or one that starts
   * from a profile: {@code @system,l2-cache-size=4M}.
   *
   * @throws DriveSyntaxException with everything that is wrong with the string
   */
  public ParsedDrive parse(String text) throws DriveSyntaxException {
    Problems problems = new Problems();
    List<OptionWarning> warnings = new ArrayList<>();
    Optional<DriveSpec> drive = read(SourceText.of(text), problems, warnings);
    problems.throwIfAny();
    return new ParsedDrive(drive.orElseThrow(), warnings);
  }

  /** The drivers by whose options strings are checked. */
  DriverLookup drivers() {
    return drivers;
  }

  /** The drive, as far as it could be read; empty if it starts from an unknown profile. */
  Optional<DriveSpec> read(SourceText source, Problems problems, List<OptionWarning> warnings) {
    String text = source.text();
    if (!text.startsWith("@")) {
      return Optional.of(read(List.of(), source, 0, problems, warnings));
    }
    int comma = text.indexOf(',');
    int end = comma < 0 ? text.length() : comma;
    int from = Math.min(end + 1, text.length());
    return profiles
        .find(text.substring(1, end), source.place(0, end), problems)
        .map(profile -> read(profile, source, from, problems, warnings));
  }

  /**
   * The node that a file name denotes, as users write it and images hold it: for a plain path or
   * {@code protocol:rest} one of a protocol driver, for {@code json:{...}} whatever that says.
   *
   * @throws DriveSyntaxException if the protocol is unknown, or with everything that is wrong with
   *     the JSON object
   */
  public NodeSpec parseFileName(String fileName) throws DriveSyntaxException {
    Problems problems = new Problems();
    SourceText source = SourceText.of(OptionString.write("file", fileName));
    List<OptionWarning> warnings = new ArrayList<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    Entry name = OptionString.scan(source, 0, warnings).getFirst();
    boolean expanded = new FileNameReader(drivers, problems).expand(name, "", entries);
    NodeSpec node =
        new NodeReader(drivers, Dialect.DRIVE, !expanded, problems, warnings)
            .read(entries, source.whole());
    problems.throwIfAny();
    return node;
  }

  private DriveSpec read(
      List<Entry> profile,
      SourceText source,
      int from,
      Problems problems,
      List<OptionWarning> warnings) {
    List<Entry> entries = OptionString.scan(source, from, warnings);
    Map<String, Entry> given = byKey(entries, problems, warnings);
    Map<String, Entry> all = new LinkedHashMap<>(byKey(profile, problems, warnings));
    all.keySet().removeIf(key -> overridden(key, given));
    all.putAll(given);
    return new DriveReader(drivers, false, problems, warnings).read(all, source.whole());
  }

  /** Checks a profile on its own: whatever is wrong with it cannot be added to it later. */
  static void check(List<Entry> profile, DriverLookup drivers, Problems problems) {
    List<OptionWarning> warnings = new ArrayList<>();
    new DriveReader(drivers, true, problems, warnings)
        .read(byKey(profile, problems, warnings), SourceText.of("").whole());
  }

  /** The entries by key, without aliases; of two with one key the last one counts. */
  private static Map<String, Entry> byKey(
      List<Entry> entries, Problems problems, List<OptionWarning> warnings) {
    Map<String, Entry> byKey = new LinkedHashMap<>();
    Set<String> underBothNames = new HashSet<>();
    for (Entry entry : entries) {
      String key = ALIASES.getOrDefault(entry.key(), entry.key());
      Entry earlier = byKey.get(key);
      if (earlier != null && !earlier.key().equals(entry.key())) {
        problems.key(entry, bothNames(key, earlier.key(), entry.key()));
        underBothNames.add(key);
      } else if (earlier != null) {
        warnings.add(
            new OptionWarning(
                entry.key(),
                "'%s' is given more than once".formatted(entry.key()),
                "The %s one counts".formatted(key.equals("id") ? "first" : "last")));
      }
      if (!key.equals("id") || earlier == null) {
        byKey.put(key, entry);
      }
    }
    // Which of them was meant is unknown; only of a driver it is better to have any than none.
    underBothNames.remove("driver");
    byKey.keySet().removeAll(underBothNames);
    return byKey;
  }

  private static String bothNames(String key, String first, String second) {
    if (key.equals("driver")) {
      return "Cannot specify both 'driver' and 'format'";
    }
    String alias = first.equals(key) ? second : first;
    return "'%s' and its alias '%s' can't be used at the same time".formatted(key, alias);
  }

  /** Whether a profile's key gives way: to the same one, or to one that says the same. */
  private static boolean overridden(String key, Map<String, Entry> given) {
    return given.containsKey(key)
        || (key.equals("file.filename") && given.containsKey("file"))
        || (key.equals("file") && given.containsKey("file.filename"))
        || (key.startsWith("cache.") && given.containsKey("cache"))
        || (key.equals("index") && (given.containsKey("bus") || given.containsKey("unit")))
        || ((key.equals("bus") || key.equals("unit")) && given.containsKey("index"));
  }
}

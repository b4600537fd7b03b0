package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Site settings while they are put together: layers are added from the weakest to the strongest,
 * and every entry is checked, also one that a stronger layer replaces.
 */
final class SiteSettings {
  private static final Pattern PROFILE_NAME = Pattern.compile("[A-Za-z0-9_-]+");

  private final DriverLookup lookup;
  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  SiteSettings(DriverLookup lookup, Problems problems) {
    this.lookup = lookup;
    this.problems = problems;
  }

  /** Adds a layer above those that are there. */
  void add(List<Entry> layer) {
    for (Entry entry : layer) {
      if (accepts(entry)) {
        entries.put(entry.key(), entry);
      }
    }
  }

  /** The entries that count, by key. */
  Map<String, Entry> entries() {
    return entries;
  }

  /** Whether a key has a meaning, whatever its value. */
  static boolean isKnown(String key) {
    return SiteKeys.names().contains(key)
        || key.startsWith(SiteKeys.DRIVER)
        || key.startsWith(SiteKeys.DRIVE);
  }

  private boolean accepts(Entry entry) {
    String key = entry.key();
    if (key.startsWith(SiteKeys.DRIVER)) {
      return acceptsDriverDefault(entry, key.substring(SiteKeys.DRIVER.length()));
    }
    if (key.startsWith(SiteKeys.DRIVE)) {
      return acceptsProfileKey(entry, key.substring(SiteKeys.DRIVE.length()));
    }
    if (SiteKeys.FOR_ALL_DRIVERS.contains(key)) {
      List<Option<?>> options = new ArrayList<>();
      lookup.all().forEach(driver -> driver.options().find(key).ifPresent(options::add));
      return acceptsValue(entry, key, options);
    }
    Optional<Option<?>> option = SiteKeys.SCHEMA.find(key);
    if (option.isEmpty()) {
      Set<String> names = SiteKeys.names();
      problems.key(
          entry,
          "Unknown key '%s'".formatted(key),
          String.join(", ", names) + ", driver.NAME.OPTION, drive.NAME.KEY",
          Suggestions.nearest(key, names));
      return false;
    }
    return acceptsValue(entry, key, List.of(option.get()));
  }

  private boolean acceptsDriverDefault(Entry entry, String rest) {
    int dot = rest.indexOf('.');
    String name = dot < 0 ? rest : rest.substring(0, dot);
    String key = dot < 0 ? "" : rest.substring(dot + 1);
    Optional<BlockDriverProvider> driver = lookup.find(name);
    if (driver.isEmpty()) {
      List<String> names = lookup.all().stream().map(BlockDriverProvider::name).toList();
      problems.key(
          entry,
          "Unknown driver '%s'".formatted(name),
          String.join(", ", names),
          Suggestions.nearest(name, names).map(near -> SiteKeys.DRIVER + near + "." + key));
      return false;
    }
    KnownDrivers known = KnownDrivers.named(driver.get());
    List<Option<?>> options = known.find(key);
    if (options.isEmpty()) {
      problems.key(
          entry,
          known.refusal(key),
          String.join(", ", known.optionNames()),
          Suggestions.nearest(key, known.optionNames())
              .map(near -> SiteKeys.DRIVER + name + "." + near));
      return false;
    }
    return acceptsValue(entry, key, options);
  }

  private boolean acceptsProfileKey(Entry entry, String rest) {
    int dot = rest.indexOf('.');
    if (dot > 0 && PROFILE_NAME.matcher(rest.substring(0, dot)).matches()) {
      return true;
    }
    problems.key(
        entry,
        "'%s' names no drive".formatted(entry.key()),
        "drive.NAME.KEY, with letters, digits, - and _ in NAME",
        Optional.empty());
    return false;
  }

  /** Whether one of the declarations takes the value; none at all take any. */
  private boolean acceptsValue(Entry entry, String key, List<Option<?>> options) {
    Optional<OptionProblem> problem = Optional.empty();
    for (Option<?> option : options) {
      problem = problemOf(option, key, entry);
      if (problem.isEmpty()) {
        break;
      }
    }
    problem.ifPresent(found -> problems.add(found, name -> entry));
    return problem.isEmpty();
  }

  private static <T> Optional<OptionProblem> problemOf(Option<T> option, String key, Entry entry) {
    try {
      return option.refusal(option.type().read(key, OptionValue.of(entry.text())), entry.text());
    } catch (OptionException e) {
      return Optional.of(e.problems().getFirst());
    }
  }

  /** Checks what is set for each driver together. */
  void checkTogether() {
    for (BlockDriverProvider driver : lookup.all()) {
      Map<String, Entry> ofDriver = entriesOf(driver);
      Map<String, OptionValue> raw = new LinkedHashMap<>();
      ofDriver.forEach((key, entry) -> raw.put(key, OptionValue.of(entry.text())));
      raw.keySet().retainAll(driver.options().names());
      List<OptionProblem> found = new ArrayList<>();
      found.addAll(driver.validate(driver.options().read(driver.name(), raw, found)));
      found.forEach(problem -> problems.add(problem, ofDriver::get));
    }
  }

  /** The options that each driver's nodes have unless they are given. */
  Map<String, Map<String, OptionValue>> driverDefaults() {
    Map<String, Map<String, OptionValue>> defaults = new LinkedHashMap<>();
    for (BlockDriverProvider driver : lookup.all()) {
      Map<String, OptionValue> options = new LinkedHashMap<>();
      entriesOf(driver).forEach((key, entry) -> options.put(key, OptionValue.of(entry.text())));
      if (!options.isEmpty()) {
        defaults.put(driver.name(), Map.copyOf(options));
      }
    }
    return Map.copyOf(defaults);
  }

  /** What is set for a driver, by option. */
  private Map<String, Entry> entriesOf(BlockDriverProvider driver) {
    Map<String, Entry> ofDriver = new LinkedHashMap<>();
    for (String key : SiteKeys.FOR_ALL_DRIVERS) {
      if (driver.options().find(key).isPresent() && entries.containsKey(key)) {
        ofDriver.put(key, entries.get(key));
      }
    }
    String prefix = SiteKeys.DRIVER + driver.name() + ".";
    entries.forEach(
        (key, entry) -> {
          if (key.startsWith(prefix)) {
            ofDriver.put(key.substring(prefix.length()), entry);
          }
        });
    return ofDriver;
  }

  /** The named drives; each of them is checked as far as it goes. */
  DriveProfiles profiles() {
    Map<String, List<Entry>> profiles = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) -> {
          if (key.startsWith(SiteKeys.DRIVE)) {
            String rest = key.substring(SiteKeys.DRIVE.length());
            int dot = rest.indexOf('.');
            profiles
                .computeIfAbsent(rest.substring(0, dot), name -> new ArrayList<>())
                .add(entry.renamed(rest.substring(dot + 1)));
          }
        });
    profiles.values().forEach(profile -> DriveParser.check(profile, lookup, problems));
    return new DriveProfiles(profiles);
  }
}

package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds the layers of site defaults, from the weakest to the strongest. */
final class SiteLoader {
  private static final String SHIPPED = "platter.properties";
  private static final String FILE_VARIABLE = "PLATTER_CONF";
  private static final String VARIABLE_PREFIX = "PLATTER_";
  private static final String PROPERTY_PREFIX = "platter.";

  private final DriverLookup drivers;
  private final Problems problems = new Problems();

  SiteLoader(DriverLookup drivers) {
    this.drivers = drivers;
  }

  /** Whether something beside the shipped defaults may set a key. */
  static boolean maySet(String key) {
    return System.getenv(FILE_VARIABLE) != null
        || System.getenv(SiteKeys.variable(key)) != null
        || System.getProperty(PROPERTY_PREFIX + key) != null;
  }

  SiteDefaults load(Map<String, String> environment, Map<String, String> properties)
      throws IOException {
    SiteSettings settings = new SiteSettings(drivers, problems);
    settings.add(shipped());
    String file = environment.get(FILE_VARIABLE);
    if (file != null && !file.isEmpty()) {
      settings.add(file(file));
    }
    settings.add(variables(environment));
    settings.add(properties(properties));
    settings.checkTogether();
    DriveProfiles profiles = settings.profiles();
    problems.throwIfAny();
    return new SiteDefaults(drivers, settings, profiles);
  }

  private List<Entry> shipped() throws IOException {
    InputStream stream = SiteLoader.class.getResourceAsStream(SHIPPED);
    if (stream == null) {
      throw new IOException("the shipped " + SHIPPED + " is missing from the class path");
    }
    try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      return SiteFile.read("shipped " + SHIPPED, reader, problems);
    }
  }

  private List<Entry> file(String name) throws IOException {
    try (Reader reader = Files.newBufferedReader(Path.of(name), StandardCharsets.UTF_8)) {
      return SiteFile.read(name, reader, problems);
    } catch (NoSuchFileException e) {
      throw new IOException(FILE_VARIABLE + " names '" + name + "', which does not exist", e);
    } catch (AccessDeniedException e) {
      throw new IOException(FILE_VARIABLE + " names '" + name + "', which may not be read", e);
    }
  }

  private List<Entry> variables(Map<String, String> environment) {
    Map<String, String> keys = new TreeMap<>();
    SiteKeys.names().forEach(key -> keys.put(SiteKeys.variable(key), key));
    Set<String> known = new TreeSet<>(keys.keySet());
    known.add(FILE_VARIABLE);
    List<Entry> entries = new ArrayList<>();
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (keys.containsKey(name)) {
                entries.add(entry(keys.get(name), name, value, "environment"));
              } else if (name.startsWith(VARIABLE_PREFIX) && !known.contains(name)) {
                refuseIfNear(entry(name, name, value, "environment"), VARIABLE_PREFIX, known);
              }
            });
    return entries;
  }

  private List<Entry> properties(Map<String, String> properties) {
    Set<String> known = new TreeSet<>();
    SiteKeys.names().forEach(key -> known.add(PROPERTY_PREFIX + key));
    List<Entry> entries = new ArrayList<>();
    new TreeMap<>(properties)
        .forEach(
            (name, value) -> {
              if (!name.startsWith(PROPERTY_PREFIX)) {
                return;
              }
              String key = name.substring(PROPERTY_PREFIX.length());
              if (SiteSettings.isKnown(key)) {
                entries.add(entry(key, "-D" + name, value, "system property"));
              } else {
                refuseIfNear(
                    entry(name, "-D" + name, value, "system property"), PROPERTY_PREFIX, known);
              }
            });
    return entries;
  }

  /** Other programs have names of their own there; what looks like a slip is one. */
  private void refuseIfNear(Entry entry, String prefix, Set<String> known) {
    List<String> endings = known.stream().map(name -> name.substring(prefix.length())).toList();
    Suggestions.nearest(entry.key().substring(prefix.length()), endings)
        .ifPresent(
            near ->
                problems.key(
                    entry,
                    "'%s' sets nothing".formatted(entry.key()),
                    String.join(", ", known),
                    Optional.of(prefix + near)));
  }

  private static Entry entry(String key, String written, String value, String kind) {
    SourceText source = new SourceText(kind + " " + written, written + "=" + value);
    return new Entry(
        key,
        Optional.of(OptionValue.of(value)),
        source.place(0, written.length()),
        source.place(written.length() + 1, source.text().length()),
        Entry.Form.KEY_VALUE);
  }
}

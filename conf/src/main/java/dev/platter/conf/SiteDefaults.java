package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionValue;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.configuration2.ConfigurationUtils;
import org.apache.commons.configuration2.ImmutableConfiguration;
import org.apache.commons.configuration2.MapConfiguration;

/**
 * What holds on this host unless an option string says otherwise. Immutable.
 *
 * <p>A value comes from the strongest of: the environment of the process ({@code -Dplatter.KEY},
 * then {@code PLATTER_KEY}), the file that {@code PLATTER_CONF} names, the file that is shipped,
 * and what is built in. Everything that is set is checked, also where something stronger replaces
 * it: a bad file is refused with file, line and key; a variable or property that misses the name of
 * a key by a letter or two, with the name that was meant.
 */
public final class SiteDefaults {
  private final DriverLookup drivers;
  private final Map<String, Entry> entries;
  private final Map<String, Map<String, OptionValue>> driverDefaults;
  private final DriveProfiles profiles;

  SiteDefaults(DriverLookup drivers, SiteSettings settings, DriveProfiles profiles) {
    this.drivers = drivers;
    this.entries = new LinkedHashMap<>(settings.entries());
    this.driverDefaults = settings.driverDefaults();
    this.profiles = profiles;
  }

  /**
   * The defaults of this process.
   *
   * @throws DriveSyntaxException with everything that is wrong, each with where it stands
   * @throws IOException if the file that {@code PLATTER_CONF} names cannot be read
   */
  public static SiteDefaults load(DriverLookup drivers) throws IOException {
    Map<String, String> properties = new LinkedHashMap<>();
    System.getProperties()
        .stringPropertyNames()
        .forEach(name -> properties.put(name, System.getProperty(name)));
    return load(drivers, System.getenv(), properties);
  }

  /**
   * The defaults of a process with this environment and these system properties.
   *
   * @throws DriveSyntaxException with everything that is wrong, each with where it stands
   * @throws IOException if the file that {@code PLATTER_CONF} names cannot be read
   */
  public static SiteDefaults load(
      DriverLookup drivers, Map<String, String> environment, Map<String, String> properties)
      throws IOException {
    return new SiteLoader(drivers).load(environment, properties);
  }

  /**
   * Whether somebody may have set {@code cache-budget} for this process. A quick look, for programs
   * that start often and want nothing else of the site.
   */
  public static boolean cacheBudgetMayBeSet() {
    return SiteLoader.maySet(SiteKeys.CACHE_BUDGET.name());
  }

  /** Reads option strings, with the drivers and the named drives of this site. */
  public DriveParser parser() {
    return new DriveParser(drivers, profiles);
  }

  /** The names of the drives that {@code @name} stands for. */
  public Set<String> profileNames() {
    return Set.copyOf(profiles.byName().keySet());
  }

  /** Options by driver and key, for nodes of that driver that do not say otherwise. */
  public Map<String, Map<String, OptionValue>> driverDefaults() {
    return driverDefaults;
  }

  /** How many threads serve the requests of guests. */
  public int workers() {
    return find(SiteKeys.WORKERS)
        .map(Math::toIntExact)
        .orElseGet(() -> Runtime.getRuntime().availableProcessors());
  }

  /** The deepest chain of backing files that is opened, in images. */
  public int chainDepth() {
    return Math.toIntExact(find(SiteKeys.CHAIN_DEPTH).orElseThrow());
  }

  /** What the caches of all images may hold together; {@link Long#MAX_VALUE} for no limit. */
  public long cacheBudgetBytes() {
    return find(SiteKeys.CACHE_BUDGET).orElse(Long.MAX_VALUE);
  }

  /** What may be opened because an image names it. */
  public GatePolicy gate() {
    return find(SiteKeys.GATE).orElseThrow();
  }

  /** The folders of the strict gate. */
  public List<Path> gateFolders() {
    return find(SiteKeys.GATE_FOLDERS).stream()
        .flatMap(folders -> Arrays.stream(folders.split(File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .map(Path::of)
        .toList();
  }

  /** Every key with its value and what set it; then driver defaults and named drives. */
  public List<SiteValue> explain() {
    List<SiteValue> values = new ArrayList<>();
    for (String key : SiteKeys.names()) {
      Entry entry = entries.get(key);
      values.add(
          entry == null
              ? new SiteValue(key, builtIn(key), "built-in")
              : new SiteValue(key, entry.text(), entry.keyPlace().source().origin()));
    }
    entries.entrySet().stream()
        .filter(pair -> !SiteKeys.names().contains(pair.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .map(
            pair ->
                new SiteValue(
                    pair.getKey(),
                    pair.getValue().text(),
                    pair.getValue().keyPlace().source().origin()))
        .forEach(values::add);
    return values;
  }

  /** The values that are set, as Commons Configuration sees them. */
  public ImmutableConfiguration configuration() {
    Map<String, Object> values = new LinkedHashMap<>();
    entries.forEach((key, entry) -> values.put(key, entry.text()));
    MapConfiguration configuration = new MapConfiguration(values);
    configuration.setInterpolator(null);
    configuration.setTrimmingDisabled(true);
    return ConfigurationUtils.unmodifiableConfiguration(configuration);
  }

  private String builtIn(String key) {
    return SiteKeys.SCHEMA
        .find(key)
        .or(
            () ->
                drivers.all().stream()
                    .flatMap(driver -> driver.options().find(key).stream())
                    .findFirst())
        .map(Option::defaultText)
        .orElse("");
  }

  private <T> Optional<T> find(Option<T> option) {
    Entry entry = entries.get(option.name());
    if (entry == null) {
      return option.defaultValue();
    }
    try {
      return Optional.of(option.type().read(option.name(), OptionValue.of(entry.text())));
    } catch (OptionException e) {
      throw new IllegalStateException("checked when it was read", e);
    }
  }
}

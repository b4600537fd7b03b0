package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.Suggestions;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a drive of the entries of a {@code -drive} string: takes out what is the device's, spells
 * out what is short for something of a node, and leaves the nodes to {@link NodeReader}.
 */
final class DriveReader {
  /** The keys that mean something at the top only. */
  static final Set<String> KEYS = keys();

  private static final String DRIVER = "driver";
  private static final String FILE = DriveKeys.FILE.name();
  private static final String READ_ONLY = GenericOptions.READ_ONLY.name();
  private static final Set<String> WITHOUT_MEDIUM =
      Set.of(READ_ONLY, GenericOptions.DETECT_ZEROES.name());

  private final DriverLookup lookup;
  private final boolean partial;
  private final Problems problems;
  private final List<OptionWarning> warnings;

  /**
   * @param partial whether parts may be missing that another text will add
   */
  DriveReader(
      DriverLookup lookup, boolean partial, Problems problems, List<OptionWarning> warnings) {
    this.lookup = lookup;
    this.partial = partial;
    this.problems = problems;
    this.warnings = warnings;
  }

  private static Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>(DriveKeys.SCHEMA.names());
    keys.add(DRIVER);
    keys.add("readonly");
    keys.addAll(Throttling.ALIASES.keySet());
    return keys;
  }

  /**
   * The drive, as far as it could be read.
   *
   * @param entries by key, without aliases
   * @param whole where the drive is described
   */
  DriveSpec read(Map<String, Entry> entries, SourceText.Place whole) {
    Map<String, Entry> rest = new LinkedHashMap<>(entries);
    Optional<DriveThrottling> throttling = Throttling.take(rest, problems);
    takeStatistics(rest);
    Optional<Entry> media = Optional.ofNullable(rest.get(DriveKeys.MEDIA.name()));
    DeviceReader deviceReader = new DeviceReader(rest, problems);
    DriveDevice device = deviceReader.read();
    if (device.media() == DriveMedia.CDROM) {
      rest.put(READ_ONLY, media.orElseThrow().with(OptionValue.of("on")));
    }
    boolean snapshot = deviceReader.take(DriveKeys.SNAPSHOT).orElse(false);
    boolean copyOnRead = takeCopyOnRead(deviceReader, rest);
    if (rest.entrySet().stream().allMatch(DriveReader::needsNoMedium)) {
      refuseNoMedium(whole);
      return new DriveSpec(NodeSpec.probed(), device, snapshot, copyOnRead, throttling);
    }
    expandCache(rest);
    boolean expanded = expandFile(rest);
    expandAio(rest);
    device.id().ifPresent(id -> checkNodeNames(id, entries.get(DriveKeys.ID.name()), rest));
    NodeSpec node =
        new NodeReader(lookup, Dialect.DRIVE, partial || !expanded, problems, warnings)
            .read(rest, whole);
    return new DriveSpec(node, device, snapshot, copyOnRead, throttling);
  }

  /** Whether a drive may have a key although there is no medium in it. */
  private static boolean needsNoMedium(Map.Entry<String, Entry> pair) {
    return WITHOUT_MEDIUM.contains(pair.getKey())
        || (pair.getKey().equals(FILE) && isEmpty(pair.getValue()));
  }

  private static boolean isEmpty(Entry entry) {
    return entry.text().isEmpty();
  }

  private void refuseNoMedium(SourceText.Place whole) {
    if (!partial) {
      problems.add(OptionProblem.of(FILE, "Device needs media, but drive is empty"), whole);
    }
  }

  private void takeStatistics(Map<String, Entry> rest) {
    DeviceReader flags = new DeviceReader(rest, problems);
    flags.take(DriveKeys.STATS_ACCOUNT_INVALID);
    flags.take(DriveKeys.STATS_ACCOUNT_FAILED);
    rest.entrySet()
        .removeIf(
            pair -> {
              boolean isInterval = pair.getKey().startsWith("stats-intervals.");
              if (isInterval) {
                refuseInterval(pair.getValue());
              }
              return isInterval;
            });
  }

  private void refuseInterval(Entry entry) {
    if (entry.text().matches("0*[1-9][0-9]{0,8}")) {
      problems.add(
          OptionProblem.notSupportedYet(entry.key(), entry.text(), ""), entry.valuePlace());
      return;
    }
    problems.value(entry, "Invalid interval length: " + entry.text(), "seconds", Optional.empty());
  }

  /** Whether what is read is to be kept; nothing is kept in what is only read. */
  private boolean takeCopyOnRead(DeviceReader reader, Map<String, Entry> rest) {
    Optional<Entry> written = Optional.ofNullable(rest.get(DriveKeys.COPY_ON_READ.name()));
    boolean on = reader.take(DriveKeys.COPY_ON_READ).orElse(false);
    Entry readOnly = rest.get(READ_ONLY);
    if (on && readOnly != null && OnOff.isOn(readOnly.text())) {
      warnings.add(
          new OptionWarning(
              written.orElseThrow().key(), "disabling copy-on-read on read-only drive", ""));
      return false;
    }
    return on;
  }

  private void expandCache(Map<String, Entry> rest) {
    Entry entry = rest.remove(DriveKeys.CACHE.name());
    if (entry == null) {
      return;
    }
    Optional<CacheMode> mode = CacheMode.of(entry.text());
    List<String> words = DeviceReader.words(DriveKeys.CACHE);
    if (mode.isEmpty()) {
      problems.value(
          entry,
          "invalid cache option",
          String.join(", ", words),
          Suggestions.nearest(entry.text(), words));
    }
    mode.ifPresent(
        known -> known.flags().forEach((key, flag) -> rest.putIfAbsent(key, entry.with(flag))));
  }

  /** Refuses an id that is the name of one of the drive's nodes. */
  private void checkNodeNames(String id, Entry entry, Map<String, Entry> rest) {
    String key = DriveKeys.NODE_NAME.name();
    boolean taken =
        rest.entrySet().stream()
            .filter(pair -> pair.getKey().equals(key) || pair.getKey().endsWith("." + key))
            .anyMatch(pair -> pair.getValue().text().equals(id));
    if (taken) {
      problems.value(
          entry,
          "Device name '%s' conflicts with an existing node name".formatted(id),
          "",
          Optional.empty());
    }
  }

  /** Turns {@code file=} into the file name of the lowest node, or into what its JSON says. */
  private boolean expandFile(Map<String, Entry> rest) {
    Entry entry = rest.remove(FILE);
    return entry == null
        || isEmpty(entry)
        || new FileNameReader(lookup, problems).expand(entry, protocolPrefix(rest), rest);
  }

  /** The path of the node that takes a file name: the first one that is no format's. */
  private String protocolPrefix(Map<String, Entry> rest) {
    String prefix = "";
    for (int depth = 0; depth < NodeReader.MAXIMUM_DEPTH; depth++) {
      Entry driver = rest.get(prefix + DRIVER);
      boolean isAbove =
          driver == null
              ? prefix.isEmpty()
              : lookup.find(driver.text()).filter(d -> !takesFileName(d)).isPresent()
                  || (prefix.isEmpty() && lookup.find(driver.text()).isEmpty());
      if (!isAbove) {
        break;
      }
      prefix += FILE + ".";
    }
    return prefix;
  }

  private static boolean takesFileName(BlockDriverProvider driver) {
    return driver instanceof ProtocolDriverProvider
        || (driver instanceof FilterDriverProvider filter && filter.standsForProtocol());
  }

  /** The path of the node that does the I/O, below filters that stand where protocols do. */
  private String ioPrefix(Map<String, Entry> rest) {
    String prefix = protocolPrefix(rest);
    Optional<FilterDriverProvider> filter = filter(rest.get(prefix + DRIVER));
    while (filter.isPresent()) {
      prefix += filter.get().inputRole() + ".";
      filter = filter(rest.get(prefix + DRIVER));
    }
    return prefix;
  }

  private Optional<FilterDriverProvider> filter(Entry driver) {
    return Optional.ofNullable(driver)
        .flatMap(entry -> lookup.find(entry.text()))
        .filter(FilterDriverProvider.class::isInstance)
        .map(FilterDriverProvider.class::cast);
  }

  /** Turns {@code aio=} into the option of the node that does the I/O, if that has it. */
  private void expandAio(Map<String, Entry> rest) {
    String key = DriveKeys.AIO.name();
    Entry entry = rest.remove(key);
    if (entry == null) {
      return;
    }
    List<String> words = DeviceReader.words(DriveKeys.AIO);
    if (!words.contains(entry.text())) {
      problems.value(
          entry,
          "invalid aio option",
          String.join(", ", words),
          Suggestions.nearest(entry.text(), words));
      return;
    }
    String prefix = ioPrefix(rest);
    Optional<BlockDriverProvider> driver =
        Optional.ofNullable(rest.get(prefix + DRIVER)).flatMap(name -> lookup.find(name.text()));
    if (driver.isPresent() && driver.get().options().find(key).isEmpty()) {
      return;
    }
    Entry direct = rest.get(GenericOptions.CACHE_DIRECT.name());
    if (!partial
        && entry.text().equals("native")
        && (direct == null || !OnOff.isOn(direct.text()))) {
      problems.value(
          entry,
          "aio=native was specified, but it requires cache.direct=on, which was not specified.",
          "with cache=none or cache=directsync",
          Optional.empty());
      return;
    }
    rest.putIfAbsent(prefix + key, entry);
  }
}

package dev.platter.conf;

import dev.platter.api.driver.DriverLookup;
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
    if (rest.isEmpty() || (rest.size() == 1 && rest.containsKey(FILE) && isEmpty(rest.get(FILE)))) {
      refuseNoMedium(whole);
      return new DriveSpec(NodeSpec.probed(), device, snapshot, copyOnRead, throttling);
    }
    expandCache(rest);
    boolean expanded = expandFile(rest);
    expandAio(rest);
    NodeSpec node =
        new NodeReader(lookup, Dialect.DRIVE, partial || !expanded, problems, warnings)
            .read(rest, whole);
    return new DriveSpec(node, device, snapshot, copyOnRead, throttling);
  }

  private static boolean isEmpty(Entry entry) {
    return entry.text().isEmpty();
  }

  private void refuseNoMedium(SourceText.Place whole) {
    if (!partial) {
      problems.add(
          OptionProblem.of(FILE, "not supported yet: a drive without a medium; it needs file="),
          whole);
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
              : lookup.find(driver.text()).filter(d -> !isProtocol(d)).isPresent()
                  || (prefix.isEmpty() && lookup.find(driver.text()).isEmpty());
      if (!isAbove) {
        break;
      }
      prefix += FILE + ".";
    }
    return prefix;
  }

  private static boolean isProtocol(Object driver) {
    return driver instanceof ProtocolDriverProvider;
  }

  /** Turns {@code aio=} into the option of the protocol node that does the I/O. */
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
    rest.putIfAbsent(protocolPrefix(rest) + key, entry);
  }
}

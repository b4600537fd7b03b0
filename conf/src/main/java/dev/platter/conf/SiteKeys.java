package dev.platter.conf;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The keys of the site defaults. */
final class SiteKeys {
  private static final int MAXIMUM_WORKERS = 1024;
  private static final int MAXIMUM_DEPTH = 65_536;

  static final Option<Long> CACHE_BUDGET =
      Option.size("cache-budget")
          .defaultText("none")
          .doc("Bytes that the caches of all images together may hold.")
          .build();
  static final Option<Long> WORKERS =
      Option.number("workers", 1, MAXIMUM_WORKERS)
          .defaultText("one for each processor")
          .doc("Threads that serve the requests of guests.")
          .build();
  static final Option<Long> CHAIN_DEPTH =
      Option.number("chain-depth", 1, MAXIMUM_DEPTH)
          .defaultValue(1024L)
          .doc("The deepest chain of backing files that is opened, in images.")
          .build();
  static final Option<GatePolicy> GATE =
      Option.choice("gate", GatePolicy.class)
          .defaultValue(GatePolicy.DEFAULT)
          .doc(
              "What may be opened because an image names it: backing files by plain paths; these,"
                  + " and data files in the image's own folder; backing files that lie in"
                  + " gate-folders; or everything.")
          .build();
  static final Option<String> GATE_FOLDERS =
      Option.text("gate-folders")
          .defaultText("none")
          .doc("With gate=strict: the folders, separated as in the PATH.")
          .build();

  /** Those that have a meaning of their own. */
  static final OptionSchema SCHEMA =
      OptionSchema.of(CACHE_BUDGET, WORKERS, CHAIN_DEPTH, GATE, GATE_FOLDERS);

  /** Those that are defaults for every driver that has an option of that name. */
  static final List<String> FOR_ALL_DRIVERS =
      List.of("cache-sizing", "cache-clean-interval", "aio");

  /** What the keys of driver defaults begin with. */
  static final String DRIVER = "driver.";

  /** What the keys of named drives begin with. */
  static final String DRIVE = "drive.";

  private SiteKeys() {}

  /** Every key with a fixed name, in the order of documentation. */
  static Set<String> names() {
    Set<String> names = new LinkedHashSet<>(FOR_ALL_DRIVERS);
    names.addAll(SCHEMA.names());
    return names;
  }

  /** The variable of the environment that sets a key. */
  static String variable(String key) {
    return "PLATTER_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}

package dev.platter.file;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.GrowingNode;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import dev.platter.tck.fake.TestEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Opens host files through the provider, as the graph does. */
final class FileNodes {
  private static final FileDriverProvider PROVIDER = new FileDriverProvider();

  /** The means by which a file is reached. */
  enum Means {
    NATIVE("native=on"),
    DIRECT("native=on,cache.direct=on"),
    IO_URING("native=on,aio=io_uring"),
    NATIVE_AIO("native=on,cache.direct=on,aio=native"),
    CHANNEL("native=off");

    private final String options;

    Means(String options) {
      this.options = options;
    }

    GrowingNode open(Path path) throws IOException {
      return open(path, "read-only=off");
    }

    /** Opens with more options; skips the test if the host does not offer these means. */
    GrowingNode open(Path path, String more) throws IOException {
      assumeTrue(this == CHANNEL || HostPlatform.hasNativeCalls(), "no native calls on this host");
      try {
        return FileNodes.open(path, options + "," + more);
      } catch (UnsupportedFeatureException e) {
        assumeFalse(e.getMessage().endsWith("does not support O_DIRECT"), e.getMessage());
        assumeFalse(e.getMessage().startsWith("Unable to use"), e.getMessage());
        throw e;
      }
    }
  }

  private FileNodes() {}

  /**
   * Opens a file.
   *
   * @param options {@code key=value} pairs with commas between them: the driver's and generic ones
   */
  static GrowingNode open(Path path, String options) throws IOException {
    Map<String, OptionValue> own = new LinkedHashMap<>();
    Map<String, OptionValue> generic = new LinkedHashMap<>();
    own.put("filename", OptionValue.of(path.toString()));
    for (String pair : options.split(",", -1)) {
      int equals = pair.indexOf('=');
      String key = pair.substring(0, equals);
      boolean isGeneric = GenericOptions.SCHEMA.find(key).isPresent();
      (isGeneric ? generic : own).put(key, OptionValue.of(pair.substring(equals + 1)));
    }
    return open(read(PROVIDER.options(), own), read(GenericOptions.SCHEMA, generic));
  }

  static GrowingNode open(OptionValues own, OptionValues generic) throws IOException {
    return (GrowingNode)
        PROVIDER.open(new ProtocolOpening("disk0", own, generic, new TestEnvironment()));
  }

  /** Creates a file; {@code options} as in {@link #open(Path, String)}, or empty. */
  static void create(Path path, long sizeBytes, String options) throws IOException {
    Map<String, OptionValue> own = new LinkedHashMap<>();
    if (!options.isEmpty()) {
      int equals = options.indexOf('=');
      own.put(options.substring(0, equals), OptionValue.of(options.substring(equals + 1)));
    }
    PROVIDER.create(path.toString(), sizeBytes, read(PROVIDER.createOptions(), own));
  }

  private static OptionValues read(OptionSchema schema, Map<String, OptionValue> raw)
      throws IOException {
    return schema.read("Block driver 'file'", raw);
  }
}

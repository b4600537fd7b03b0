package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Opens images for the tests of the engine. */
final class Images {
  private Images() {}

  /** Opens an image with options as an option string writes them. */
  static Qcow2Format open(BlockNode node, String... keyValues) throws IOException {
    return open(TestOpening.of(node), keyValues);
  }

  /** Opens an image with options as an option string writes them. */
  static Qcow2Format open(TestOpening opening, String... keyValues) throws IOException {
    FormatOpening withOptions = withOptions(opening, keyValues);
    Qcow2Header header = HeaderCodec.decode(opening.imageName(), new ImageFile(opening.file()));
    return new Qcow2Format(
        ImageOpening.of(withOptions, header),
        header,
        Qcow2Settings.of(withOptions.options(), header),
        ImageEncryption.open(withOptions, header));
  }

  private static FormatOpening withOptions(TestOpening opening, String... keyValues)
      throws OptionException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String keyValue : keyValues) {
      int equals = keyValue.indexOf('=');
      raw.put(keyValue.substring(0, equals), OptionValue.of(keyValue.substring(equals + 1)));
    }
    return opening.withOptions(Qcow2Options.SCHEMA.read("Block format 'qcow2'", raw));
  }
}

package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.NamedSecrets;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Creates images in memory, without QEMU. */
final class NewImages {
  private NewImages() {}

  /**
   * A new, empty image.
   *
   * @param options each {@code key=value}, as {@code create -o} takes them
   */
  static MemoryNode create(long diskBytes, String... options) throws IOException {
    return create(Optional.empty(), diskBytes, options);
  }

  /** The same, over a raw backing file of this name. */
  static MemoryNode createOver(String backingName, long diskBytes, String... options)
      throws IOException {
    BackingReference backing = new BackingReference(backingName, Optional.of("raw"));
    return create(Optional.of(backing), diskBytes, options);
  }

  private static MemoryNode create(
      Optional<BackingReference> backing, long diskBytes, String... options) throws IOException {
    Map<String, OptionValue> raw = new LinkedHashMap<>();
    for (String option : options) {
      int equals = option.indexOf('=');
      raw.put(option.substring(0, equals), OptionValue.of(option.substring(equals + 1)));
    }
    MemoryNode node = new MemoryNode("image.qcow2");
    Qcow2DriverProvider provider = new Qcow2DriverProvider();
    provider.create(
        node,
        new ImageCreation(
            "image.qcow2",
            diskBytes,
            backing,
            provider.createOptions().read("create", raw),
            NamedSecrets.INSTANCE));
    return node;
  }
}

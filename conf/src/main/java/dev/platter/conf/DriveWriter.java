package dev.platter.conf;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Writes a drive's option string: first the file, then the device, then options by name. */
final class DriveWriter {
  private final StringJoiner out = new StringJoiner(",");

  private DriveWriter() {}

  static String write(DriveSpec drive) {
    DriveWriter writer = new DriveWriter();
    writer.writeTop(drive.node());
    writer.writeDevice(drive);
    return writer.out.toString();
  }

  private void writeTop(NodeSpec node) {
    Optional<ChildSpec> file = node.child("file");
    boolean shortened = file.isPresent() && writeFile(file.get());
    node.driver().ifPresent(driver -> put(file.isPresent() ? "format" : "driver", driver));
    node.nodeName().ifPresent(name -> put("node-name", name));
    Map<String, OptionValue> options = new TreeMap<>(node.options());
    options.remove(DriveSpec.AUTO_READ_ONLY, OptionValue.of("on"));
    CacheMode.of(options)
        .ifPresent(
            mode -> {
              put("cache", mode.word());
              options.keySet().removeAll(mode.flags().keySet());
            });
    options.forEach((key, value) -> put(key, value.asText()));
    new TreeMap<>(node.children())
        .forEach(
            (role, child) -> {
              if (!(role.equals("file") && shortened)) {
                writeChild(role, child);
              }
            });
  }

  /**
   * Writes the file below the top node as {@code file=}, if that says it all or can be added to.
   */
  private boolean writeFile(ChildSpec child) {
    return switch (child) {
      case ChildSpec.None() -> false;
      case ChildSpec.Reference(String nodeName) -> {
        // In an option string, file= is always a file name; only JSON can name a node there.
        put("file", "json:{\"file\":" + TextNode.valueOf(nodeName) + "}");
        yield true;
      }
      case ChildSpec.Inline(NodeSpec node) -> {
        Optional<String> fileName = node.text("filename").filter(FileName::isPlain);
        boolean says = fileName.isPresent() && isHostFile(node);
        if (says) {
          put("file", fileName.get());
          writeRest("file.", node);
        }
        yield says;
      }
    };
  }

  private void writeChild(String path, ChildSpec child) {
    switch (child) {
      case ChildSpec.Reference(String nodeName) -> put(path, nodeName);
      case ChildSpec.None() -> put(path, "");
      case ChildSpec.Inline(NodeSpec node) -> {
        if (!isHostFile(node)) {
          node.driver().ifPresent(driver -> put(path + ".driver", driver));
        }
        node.text("filename").ifPresent(name -> put(path + ".filename", name));
        writeRest(path + ".", node);
      }
    }
  }

  /** Everything but the driver and the file name. */
  private void writeRest(String prefix, NodeSpec node) {
    node.nodeName().ifPresent(name -> put(prefix + "node-name", name));
    new TreeMap<>(node.options())
        .forEach(
            (key, value) -> {
              if (!key.equals("filename")) {
                put(prefix + key, value.asText());
              }
            });
    new TreeMap<>(node.children()).forEach((role, child) -> writeChild(prefix + role, child));
  }

  /** Whether the driver goes without saying. */
  private static boolean isHostFile(NodeSpec node) {
    return node.driver().equals(Optional.of("file")) && node.options().containsKey("filename");
  }

  private void writeDevice(DriveSpec drive) {
    DriveDevice device = drive.device();
    device.interfaceType().ifPresent(type -> put("if", type.word()));
    device.id().ifPresent(id -> put("id", id));
    device.bus().ifPresent(bus -> put("bus", Integer.toString(bus)));
    device.unit().ifPresent(unit -> put("unit", Integer.toString(unit)));
    device.index().ifPresent(index -> put("index", Integer.toString(index)));
    putUnlessDefault(DriveKeys.MEDIA, device.media());
    putUnlessDefault(DriveKeys.READ_ERRORS, device.readErrors());
    putUnlessDefault(DriveKeys.WRITE_ERRORS, device.writeErrors());
    putUnlessDefault(DriveKeys.SNAPSHOT, drive.snapshot());
    putUnlessDefault(DriveKeys.COPY_ON_READ, drive.copyOnRead());
    drive.throttling().ifPresent(this::writeThrottling);
  }

  private void writeThrottling(DriveThrottling throttling) {
    throttling
        .limits()
        .numbers()
        .forEach((name, number) -> put(Throttling.PREFIX + name, Long.toString(number)));
    throttling.group().ifPresent(group -> put(Throttling.GROUP, group));
  }

  private <T> void putUnlessDefault(Option<T> option, T value) {
    if (!option.defaultValue().equals(Optional.of(value))) {
      put(option.name(), option.type().write(value));
    }
  }

  private void put(String key, String value) {
    out.add(key + "=" + value.replace(",", ",,"));
  }
}

package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.FormatNode;
import dev.platter.tools.Getopt;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The options of a {@code reopen}: those that the image was opened with, and over them the new
 * ones. Names, drivers and files cannot be changed.
 */
final class ReopenOptions {
  private static final List<String> FLAGS =
      List.of(
          GenericOptions.READ_ONLY.name(),
          GenericOptions.CACHE_NO_FLUSH.name(),
          GenericOptions.CACHE_DIRECT.name(),
          GenericOptions.AUTO_READ_ONLY.name());
  private static final Set<String> FLAG_WORDS =
      Set.of("on", "off", "yes", "no", "true", "false", "y", "n");
  private static final String DRIVER = "driver";
  private static final String NODE_NAME = "node-name";
  private static final String FILE_NAME = "filename";
  private static final String FORCE_SHARE = "force-share";
  private static final String LOCKING = "locking";
  private static final String BACKING = "backing";

  /** Roles of nodes, which stay those that they are. */
  private static final Set<String> NODES = Set.of("file", BACKING);

  private final OpenImage image;
  private final Map<String, String> given;

  private ReopenOptions(OpenImage image, Map<String, String> given) {
    this.image = image;
    this.given = given;
  }

  /** Reads the options that a command line gives for the open image. */
  static ReopenOptions of(IoSession session, Getopt.Parsed line) throws IoFailure {
    Map<String, String> given = new LinkedHashMap<>();
    for (String text : line.all("o")) {
      given.putAll(
          OptionText.read(
              text,
              key ->
                  session.warn(
                      "short-form boolean option '%s' deprecated".formatted(key),
                      "Please use %s=on instead".formatted(key))));
    }
    ReopenOptions options = new ReopenOptions(session.image(), given);
    options.checkMixture(line);
    options.checkFlags();
    options.checkFixed();
    return options;
  }

  private void checkMixture(Getopt.Parsed line) throws IoFailure {
    if (given.containsKey(GenericOptions.READ_ONLY.name()) && (line.has("r") || line.has("w"))) {
      throw IoFailure.report("Cannot set both -r/-w and 'read-only'");
    }
    boolean cache =
        given.containsKey(GenericOptions.CACHE_DIRECT.name())
            || given.containsKey(GenericOptions.CACHE_NO_FLUSH.name());
    if (cache && line.has("c")) {
      throw IoFailure.report("Cannot set both -c and the cache options");
    }
  }

  private void checkFlags() throws IoFailure {
    for (String flag : FLAGS) {
      if (!FLAG_WORDS.contains(given.getOrDefault(flag, "on"))) {
        throw IoFailure.report("Parameter '%s' expects 'on' or 'off'".formatted(flag));
      }
    }
  }

  private void checkFixed() throws IoFailure {
    Map<String, String> old = old();
    for (Map.Entry<String, String> option : given.entrySet()) {
      String key = option.getKey();
      String name = key.substring(key.lastIndexOf('.') + 1);
      Optional<String> now =
          switch (name) {
            case DRIVER -> driver(key);
            case NODE_NAME -> Optional.of(old.getOrDefault(key, ""));
            case FILE_NAME -> Optional.ofNullable(old.get(key));
            case FORCE_SHARE -> Optional.of(old.getOrDefault(key, "off"));
            case LOCKING -> Optional.of(old.getOrDefault(key, "auto"));
            default -> Optional.empty();
          };
      if (now.isPresent() && !now.get().equals(option.getValue())) {
        throw fixed(name);
      }
      if (key.equals(GenericOptions.CACHE_WRITEBACK.name())
          || (key.startsWith(BACKING + ".") && !hasBacking())) {
        throw fixed(key);
      }
      if (NODES.contains(key) && !option.getValue().isEmpty()) {
        throw IoFailure.report(
            "Cannot find device='' nor node-name='%s'".formatted(option.getValue()));
      }
    }
  }

  private static IoFailure fixed(String name) {
    return IoFailure.report("Cannot change the option '%s'".formatted(name));
  }

  private boolean hasBacking() {
    return image.format().flatMap(FormatNode::backing).isPresent();
  }

  /** The driver of the node that a key is about, where that is known. */
  private Optional<String> driver(String key) {
    return switch (key) {
      case DRIVER -> Optional.of(image.driverName());
      case "file.driver" -> Optional.of(old().getOrDefault(key, "file"));
      case "backing.driver" ->
          image
              .format()
              .flatMap(FormatNode::backing)
              .map(ReopenOptions::driverName)
              .or(() -> Optional.of(""));
      default -> Optional.empty();
    };
  }

  private static String driverName(BlockNode node) {
    return node instanceof FormatNode format ? format.driverName() : "";
  }

  /** Whether nothing is to change but what other options of the command say. */
  boolean isEmpty() {
    return given.isEmpty();
  }

  /** The image with its old options and the new ones. */
  ImageArgument argument(ImageArgument before, Set<String> fromCommand) {
    boolean filtered = image.format().isEmpty() && before.imageOpts();
    Map<String, String> all = filtered ? OptionText.read(before.text()) : old();
    if (!before.imageOpts()) {
      all.keySet().removeAll(fromCommand);
      all.remove(GenericOptions.READ_ONLY.name());
    }
    all.remove(GenericOptions.CACHE_WRITEBACK.name()); // the command's, not the image's
    forgetOverridden(all);
    all.putAll(given);
    String text =
        all.entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue().replace(",", ",,"))
            .collect(Collectors.joining(","));
    return new ImageArgument(text, Optional.empty(), true);
  }

  /** What is given anew for all overlap checks, or for all caches, replaces what was there. */
  private void forgetOverridden(Map<String, String> old) {
    if (given.containsKey("overlap-check") || given.containsKey("overlap-check.template")) {
      old.keySet().removeIf(key -> key.startsWith("overlap-check"));
    }
    Set<String> parts = Set.of("l2-cache-size", "refcount-cache-size");
    if (given.containsKey("cache-size")) {
      old.keySet().removeAll(parts);
    } else if (parts.stream().allMatch(key -> given.containsKey(key) || old.containsKey(key))) {
      old.remove("cache-size");
    }
  }

  private Map<String, String> old() {
    Map<String, String> options = new LinkedHashMap<>();
    image.format().ifPresent(format -> flatten(format.spec(), "", options));
    return options;
  }

  private static void flatten(NodeSpec spec, String prefix, Map<String, String> options) {
    spec.driver().ifPresent(driver -> options.put(prefix + DRIVER, driver));
    spec.nodeName().ifPresent(name -> options.put(prefix + NODE_NAME, name));
    spec.options().forEach((key, value) -> options.put(prefix + key, value.asText()));
    for (Map.Entry<String, ChildSpec> child : spec.children().entrySet()) {
      switch (child.getValue()) {
        case ChildSpec.Inline(NodeSpec node) ->
            flatten(node, prefix + child.getKey() + ".", options);
        case ChildSpec.Reference(String name) -> options.put(prefix + child.getKey(), name);
        case ChildSpec.None _ -> options.put(prefix + child.getKey(), "");
      }
    }
  }
}

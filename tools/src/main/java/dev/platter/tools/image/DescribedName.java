package dev.platter.tools.image;

import dev.platter.api.BlockNode;
import dev.platter.api.FilterNode;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.FormatNode;
import dev.platter.graph.ImageBelow;
import dev.platter.tools.text.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How QEMU's programs call an image that an option string describes: by a file name that opens the
 * same, if there is one, and else by those of its options that change what it holds, as {@code
 * json:{...}}.
 */
final class DescribedName {
  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";
  private static final String BACKING = "backing";
  private static final String NULL = "null-";
  private static final String BLKDEBUG = "blkdebug";
  private static final String BLKVERIFY = "blkverify";
  private static final String QUORUM = "quorum";

  /** Options that change what is read; those that end with a point are groups. */
  private static final Map<String, Set<String>> TELLING =
      Map.of(
          BLKDEBUG,
          Set.of(
              "config",
              "inject-error.",
              "set-state.",
              "align",
              "max-transfer",
              "opt-write-zero",
              "max-write-zero",
              "opt-discard",
              "max-discard"),
          "blklogwrites",
          Set.of("log-append", "log-sector-size"),
          "luks",
          Set.of("key-secret"),
          "null-aio",
          Set.of("size", "read-zeroes"),
          "null-co",
          Set.of("size", "read-zeroes"),
          "qcow2",
          Set.of("encrypt.key-secret"),
          QUORUM,
          Set.of("vote-threshold", "blkverify", "rewrite-corrupted", "read-pattern"),
          "raw",
          Set.of("offset", "size"),
          "throttle",
          Set.of("throttle-group"));

  /** Those that stand in for a file, and have a file's name. */
  private static final Set<String> LIKE_FILES = Set.of(BLKDEBUG, BLKVERIFY);

  private final NodeSpec spec;
  private final String driver;
  private final Map<String, DescribedName> children = new LinkedHashMap<>();

  /**
   * @param node what was opened as the spec says
   */
  DescribedName(NodeSpec spec, BlockNode node) {
    this.spec = spec;
    Optional<FormatNode> format =
        node instanceof FormatNode image ? Optional.of(image) : Optional.empty();
    this.driver = spec.driver().or(() -> format.map(FormatNode::driverName)).orElse("raw");
    BlockNode below =
        format.isPresent()
            ? format.get().file()
            : node instanceof FilterNode filter ? ImageBelow.below(filter) : node;
    spec.children()
        .forEach(
            (role, child) -> {
              if (!role.equals(BACKING) && child instanceof ChildSpec.Inline(NodeSpec inner)) {
                children.put(role, new DescribedName(inner, below));
              }
            });
    if (format.isPresent() && children.isEmpty() && spec.text(FILE_NAME).isPresent()) {
      children.put(FILE, new DescribedName(NodeSpec.file(spec.text(FILE_NAME).get()), below));
    }
  }

  /** The name. */
  String text() {
    return fileName().orElseGet(() -> "json:" + Json.compact(members()));
  }

  /** Whether it can be said how much of the host's storage the image takes. */
  boolean knowsSpace() {
    return !LIKE_FILES.contains(driver)
        && children.values().stream().allMatch(DescribedName::knowsSpace);
  }

  /** The file name that opens the same. */
  private Optional<String> fileName() {
    if (driver.startsWith(NULL)) {
      return telling().isEmpty() ? Optional.of(driver + "://") : Optional.empty();
    }
    return switch (driver) {
      case FILE -> spec.text(FILE_NAME);
      case BLKDEBUG -> debugName();
      case BLKVERIFY ->
          nameBelow("raw")
              .flatMap(raw -> nameBelow("test").map(test -> "blkverify:" + raw + ":" + test));
      case "qcow2", "raw", "luks" ->
          telling().isEmpty() && children.containsKey(FILE) && children.get(FILE).isFile()
              ? nameBelow(FILE)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private Optional<String> debugName() {
    Set<String> changes = new HashSet<>(telling().keySet());
    changes.remove("config");
    return changes.isEmpty()
        ? nameBelow("image").map(name -> "blkdebug:" + spec.text("config").orElse("") + ":" + name)
        : Optional.empty();
  }

  private boolean isFile() {
    return driver.equals(FILE) || driver.startsWith(NULL) || LIKE_FILES.contains(driver);
  }

  private Optional<String> nameBelow(String role) {
    return Optional.ofNullable(children.get(role)).flatMap(DescribedName::fileName);
  }

  private Map<String, Object> telling() {
    Map<String, Object> given = new LinkedHashMap<>();
    for (Map.Entry<String, OptionValue> option : spec.options().entrySet()) {
      for (String telling : TELLING.getOrDefault(driver, Set.of())) {
        String key = option.getKey();
        if (telling.endsWith(".") ? key.startsWith(telling) : key.equals(telling)) {
          given.put(key, json(option.getValue()));
        }
      }
    }
    return given;
  }

  private static Object json(OptionValue value) {
    return switch (value) {
      case OptionValue.Text text -> text.text();
      case OptionValue.Int number -> number.value().longValue();
      case OptionValue.Bool flag -> flag.value();
    };
  }

  private Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("driver", driver);
    if (isFile()) {
      spec.text(FILE_NAME).ifPresent(name -> members.put(FILE_NAME, name));
    }
    members.putAll(telling());
    if (driver.equals(QUORUM)) {
      List<Object> list = new ArrayList<>();
      children.values().forEach(child -> list.add(child.members()));
      members.put("children", list);
    } else {
      children.forEach((role, child) -> members.put(role, child.members()));
    }
    return members;
  }
}

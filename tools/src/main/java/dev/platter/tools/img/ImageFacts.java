package dev.platter.tools.img;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.FilterNode;
import dev.platter.api.HostBacked;
import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.DescribedFormat.FormatDetails;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.graph.FormatNode;
import dev.platter.graph.ImageBelow;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.DetailText;
import dev.platter.tools.text.Sizes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What {@code info} says about one image.
 *
 * @param detailsBelow what is known of clusters and shutdown, perhaps from an image below
 * @param backingPath where the backing file is, as seen from here
 */
record ImageFacts(
    String fileName,
    String format,
    long virtualSizeBytes,
    OptionalLong allocatedBytes,
    FormatDetails details,
    Optional<FormatDetails> detailsBelow,
    List<SnapshotInfo> snapshots,
    Optional<BackingReference> backing,
    Optional<String> backingPath) {
  private static final FormatDetails NONE =
      new FormatDetails(OptionalLong.empty(), false, false, false, Map.of());

  /** The facts of one image. */
  static ImageFacts of(ImgSession session, ImageArgument image, OpenMode mode)
      throws CommandFailure, IOException {
    OpenImage open = session.openToLook(image, mode);
    Optional<FormatNode> node = open.format();
    Optional<BackingReference> backing = node.flatMap(format -> format.driver().backing());
    ImageFacts facts =
        new ImageFacts(
            open.name(),
            open.driverName(),
            open.node().size(),
            session.images().allocatedBytes(open),
            details(node),
            detailsBelow(open.node()),
            SnapshotNames.of(open),
            backing,
            backing.map(reference -> BackingPath.of(open.fileName(), reference.fileName())));
    session.images().close(open);
    return facts;
  }

  /** The facts of an image and of all below it, from the top down. */
  static List<ImageFacts> ofChain(ImgSession session, ImageArgument top, OpenMode mode)
      throws CommandFailure, IOException {
    List<ImageFacts> chain = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Optional<ImageArgument> next = Optional.of(top);
    while (next.isPresent()) {
      if (!seen.add(next.get().text())) {
        throw new CommandFailure(
            "Backing file '%s' creates an infinite loop.".formatted(next.get().text()));
      }
      ImageFacts facts = of(session, next.get(), mode);
      chain.add(facts);
      if (facts.backingPath().isPresent()) {
        session
            .images()
            .checkBacking(
                facts.fileName(),
                facts.backing().orElseThrow().fileName(),
                facts.backingPath().get(),
                chain.size() + 1);
      }
      Optional<String> format = facts.backing().flatMap(BackingReference::formatName);
      next = facts.backingPath().map(path -> ImageArgument.file(path, format));
    }
    return chain;
  }

  private static FormatDetails details(Optional<FormatNode> node) throws IOException {
    return node.isPresent() && node.get().driver() instanceof DescribedFormat described
        ? described.details()
        : NONE;
  }

  /**
   * What clusters and shutdown are said of: the image itself, or what lies below filters and raw
   * images. Empty if that is no image and no file.
   */
  private static Optional<FormatDetails> detailsBelow(BlockNode node) throws IOException {
    return switch (node) {
      case FormatNode image when image.driverName().equals("raw") -> detailsBelow(image.file());
      case FormatNode image -> Optional.of(details(Optional.of(image)));
      case FilterNode filter -> detailsBelow(ImageBelow.below(filter));
      case HostBacked _ -> Optional.of(NONE);
      default -> Optional.empty();
    };
  }

  /** The members of its JSON object. */
  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    if (!snapshots.isEmpty()) {
      members.put("snapshots", SnapshotText.objects(snapshots));
    }
    members.put("virtual-size", virtualSizeBytes);
    members.put("filename", fileName);
    members.put("format", format);
    allocatedBytes.ifPresent(bytes -> members.put("actual-size", bytes));
    clusterSizeBytes().ifPresent(bytes -> members.put("cluster-size", bytes));
    if (details.encrypted()) {
      members.put("encrypted", true);
    }
    if (details.compressed()) {
      members.put("compressed", true);
    }
    detailsBelow.ifPresent(below -> members.put("dirty-flag", below.dirty()));
    backing.ifPresent(reference -> members.put("backing-filename", reference.fileName()));
    backingPath.ifPresent(path -> members.put("full-backing-filename", path));
    backing
        .flatMap(BackingReference::formatName)
        .ifPresent(name -> members.put("backing-filename-format", name));
    if (!details.specific().isEmpty()) {
      members.put("format-specific", Map.of("type", format, "data", details.specific()));
    }
    return members;
  }

  /** Its lines for people. */
  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "image", fileName);
    line(text, "file format", format);
    line(
        text,
        "virtual size",
        Sizes.rounded(virtualSizeBytes) + " (" + virtualSizeBytes + " bytes)");
    line(
        text,
        "disk size",
        allocatedBytes.isPresent() ? Sizes.rounded(allocatedBytes.getAsLong()) : "unavailable");
    if (details.encrypted()) {
      line(text, "encrypted", "yes");
    }
    clusterSizeBytes().ifPresent(bytes -> line(text, "cluster_size", Long.toString(bytes)));
    if (detailsBelow.map(FormatDetails::dirty).orElse(false)) {
      line(text, "cleanly shut down", "no");
    }
    backing.ifPresent(reference -> line(text, "backing file", backingText(reference.fileName())));
    backing
        .flatMap(BackingReference::formatName)
        .ifPresent(name -> line(text, "backing file format", name));
    text.append(SnapshotText.table(snapshots));
    if (!details.specific().isEmpty()) {
      text.append("Format specific information:\n");
      DetailText.append(text, details.specific(), 1);
    }
    return text.toString();
  }

  private OptionalLong clusterSizeBytes() {
    return detailsBelow.map(FormatDetails::clusterSizeBytes).orElseGet(OptionalLong::empty);
  }

  private String backingText(String name) {
    return backingPath
        .filter(path -> !path.equals(name))
        .map(path -> name + " (actual path: " + path + ")")
        .orElse(name);
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append(label).append(": ").append(value).append('\n');
  }
}

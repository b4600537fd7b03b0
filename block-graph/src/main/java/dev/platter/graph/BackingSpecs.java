package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.Optional;

/** Says what an image's backing file is, from what the user gave and what the header names. */
final class BackingSpecs {
  private final OpenSession session;
  private final TreeOpener tree;

  BackingSpecs(OpenSession session, TreeOpener tree) {
    this.session = session;
    this.tree = tree;
  }

  /**
   * The backing file to open in place; none if there is none.
   *
   * <p>A file that the user names goes before the header's, and needs no gate. Whatever else the
   * user gives, also for the file below, is added to what the header says, and wins.
   */
  Optional<NodeSpec> specOf(OpenedLayer layer) throws IOException {
    Optional<BackingReference> named = layer.layer().driver().backing();
    Optional<ChildSpec> child = layer.spec().child(ChildUse.BACKING);
    if (child.isEmpty()) {
      return named.isPresent()
          ? Optional.of(byHeader(layer, named.get(), NodeSpec.probed()))
          : Optional.empty();
    }
    if (!(child.get() instanceof ChildSpec.Inline(NodeSpec given))) {
      return Optional.empty();
    }
    if (namesFile(given)) {
      return Optional.of(withDriver(given, named.flatMap(BackingReference::formatName)));
    }
    if (named.isPresent()) {
      return Optional.of(byHeader(layer, named.get(), given));
    }
    if (given.driver().isEmpty()) {
      throw new OptionException(
          OptionProblem.of(
              layer.inherited().keyPrefix() + ChildUse.BACKING,
              "Must specify either driver or file"));
    }
    return Optional.of(given); // its driver says what is missing
  }

  private boolean isProtocol(NodeSpec given) {
    return given
        .driver()
        .flatMap(session.settings().drivers()::find)
        .filter(ProtocolDriverProvider.class::isInstance)
        .isPresent();
  }

  private static boolean namesFile(NodeSpec given) {
    return given.text(FileNames.OPTION).isPresent()
        || switch (given.child(ChildUse.FILE).orElseGet(ChildSpec.None::new)) {
          case ChildSpec.Reference reference -> true;
          case ChildSpec.Inline(NodeSpec below) -> namesFile(below);
          case ChildSpec.None none -> false;
        };
  }

  private NodeSpec byHeader(OpenedLayer layer, BackingReference named, NodeSpec given)
      throws IOException {
    String imageName = layer.layer().imageName();
    String name = named.fileName();
    String resolved = BackingNames.resolve(layer.layer().file(), imageName, name);
    session
        .settings()
        .gate()
        .check(
            new OpenGate.ImplicitOpen(
                imageName,
                ChildUse.BACKING,
                name,
                resolved,
                BackingNames.pathOf(layer.layer().file())));
    NodeSpec parsed =
        FileNames.protocol(resolved).isPresent()
            ? session.settings().fileNames().parse(resolved)
            : NodeSpec.file(resolved);
    if (isProtocol(given)) {
      return parsed.merge(given);
    }
    NodeSpec image =
        tree.isImage(parsed) ? parsed : NodeSpec.probed().withChild(ChildUse.FILE, parsed);
    NodeSpec spec = withDriver(image, named.formatName()).merge(given);
    if (spec.driver().isEmpty()) {
      session
          .settings()
          .warn(
              layer.layer().name(),
              "%s: backing file '%s' has no format given; it is found by probing"
                  .formatted(imageName, name));
    }
    return spec;
  }

  private static NodeSpec withDriver(NodeSpec spec, Optional<String> driver) {
    return new NodeSpec(
        spec.driver().or(() -> driver), spec.nodeName(), spec.options(), spec.children());
  }
}

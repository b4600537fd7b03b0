package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Opens the further files that an image consists of, while its driver opens it. */
final class ImageChildren {
  private final OpenSession session;
  private final TreeOpener tree;
  private final ChainFiles files;
  private final NodeSpec spec;
  private final Inheritance inherited;
  private final String imageName;
  private final NodeEntry file;
  private final Map<String, NodeEntry> opened = new LinkedHashMap<>();
  private final Set<String> asked = new HashSet<>();

  /**
   * @param spec the image
   * @param inherited what further files take from it
   * @param file the image's own file
   */
  ImageChildren(
      OpenSession session,
      TreeOpener tree,
      ChainFiles files,
      NodeSpec spec,
      Inheritance inherited,
      String imageName,
      NodeEntry file) {
    this.session = session;
    this.tree = tree;
    this.files = files;
    this.spec = spec;
    this.inherited = inherited;
    this.imageName = imageName;
    this.file = file;
    opened.put(ChildUse.FILE, file);
  }

  /** The nodes below the image by role, its own file among them. */
  Map<String, NodeEntry> opened() {
    return opened;
  }

  /** The roles that the driver has asked for. */
  Set<String> asked() {
    return asked;
  }

  /** Opens what the user names for a role; else, if the gate lets it, what the image names. */
  Optional<BlockNode> open(String role, Optional<String> nameInImage) throws IOException {
    asked.add(role);
    Optional<ChildSpec> given = spec.child(role);
    Optional<NodeEntry> entry = Optional.empty();
    if (given.isPresent()) {
      entry =
          switch (given.get()) {
            case ChildSpec.Inline inline -> Optional.of(tree.openNamed(inline.node(), inherited));
            case ChildSpec.Reference reference ->
                Optional.of(session.referenced(reference.nodeName()));
            case ChildSpec.None none -> Optional.empty();
          };
    } else if (nameInImage.isPresent()) {
      entry = Optional.of(openByImage(role, nameInImage.get()));
    }
    if (entry.isPresent()) {
      opened.put(role, entry.get());
      files.add(entry.get(), imageName);
    }
    return entry.map(NodeEntry::node);
  }

  private NodeEntry openByImage(String role, String name) throws IOException {
    String resolved = BackingNames.resolve(file.node(), imageName, name);
    session
        .settings()
        .gate()
        .check(
            new OpenGate.ImplicitOpen(
                imageName, role, name, resolved, BackingNames.pathOf(file.node())));
    return tree.openNamed(NodeSpec.probed().with(FileNames.OPTION, resolved), inherited);
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.FileRole;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Opens the images of one chain, one by one. */
final class LayerOpener {
  private final OpenSession session;
  private final TreeOpener tree;
  private final Prober prober;
  private final ChainFiles files = new ChainFiles();

  LayerOpener(OpenSession session, TreeOpener tree) {
    this.session = session;
    this.tree = tree;
    this.prober = new Prober(session.settings().drivers());
  }

  /**
   * Opens one image: its file, which is locked then, and, by its driver, its header.
   *
   * @throws dev.platter.api.error.ImageRefusedException if the chain comes to a file a second time
   */
  OpenedLayer open(NodeSpec spec, Inheritance inherited) throws IOException {
    Map<String, OptionValue> site = spec.driver().map(session::siteDefaults).orElse(Map.of());
    OptionValues generic = NodeOptions.readGeneric(spec.options(), inherited, site);
    NodeEntry file = openFile(spec, inherited.below(ChildUse.FILE, generic));
    String imageName = imageName(spec, file);
    files.add(file, imageName);
    FormatDriverProvider format = format(spec, inherited, file, imageName);
    NodeOptions options =
        NodeOptions.read(
            format, formatOptions(spec, format), inherited, session.siteDefaults(format.name()));
    OptionValues values = options.values();
    TreeOpener.refuseUnsupported(spec, format, inherited);
    ImageChildren children =
        new ImageChildren(
            session, tree, files, spec, inherited.below("data-file", values), imageName, file);
    boolean readOnly = readOnly(values, file);
    FileRole role = format.fileRole(values);
    session.lock(file, PermissionRules.file(role, inherited.useOf(values), !readOnly));
    Layer layer = openLayer(format, spec, imageName, options, inherited, readOnly, children);
    refuseUnknownChildren(spec, children, format, inherited);
    return new OpenedLayer(spec, values, inherited, layer, file, children.opened(), role);
  }

  private Layer openLayer(
      FormatDriverProvider format,
      NodeSpec spec,
      String imageName,
      NodeOptions options,
      Inheritance inherited,
      boolean readOnly,
      ImageChildren children)
      throws IOException {
    String name = session.nameFor(spec.nodeName());
    BlockNode file = children.opened().get(ChildUse.FILE).node();
    Optional<EpochFence> fence = readOnly ? Optional.empty() : Optional.of(new EpochFence());
    LayerOpening opening =
        new LayerOpening(
            name,
            file,
            imageName,
            readOnly,
            movesData(inherited.use()),
            options.values(),
            fence.isPresent() ? fence.get() : ReadFence.NONE,
            session.settings(),
            children::open);
    FormatDriver driver = openDriver(format, opening, options, inherited);
    session.onFailure(driver::close);
    return new Layer(
        new NodeSpec(Optional.of(format.name()), spec.nodeName(), spec.options(), spec.children()),
        name,
        format.name(),
        format.childRoles().contains(ChildUse.BACKING),
        imageName,
        driver,
        file,
        readOnly,
        NodePolicy.of(options.values()),
        fence,
        headGuard(spec, format, name, imageName, readOnly));
  }

  private static boolean movesData(Permissions use) {
    return use.held().contains(Permission.CONSISTENT_READ) || use.held().contains(Permission.WRITE);
  }

  /** Opens an image; without those of the site's defaults that do not fit it. */
  private FormatDriver openDriver(
      FormatDriverProvider format, LayerOpening opening, NodeOptions options, Inheritance inherited)
      throws IOException {
    NodeOptions fitting = options;
    for (; ; ) {
      try {
        return format.open(opening.with(fitting.values()));
      } catch (OptionException e) {
        Set<String> unfit = new HashSet<>(fitting.siteKeys());
        unfit.retainAll(e.problems().stream().map(OptionProblem::key).toList());
        if (unfit.isEmpty()) {
          throw NodeOptions.below(inherited.keyPrefix(), e);
        }
        session
            .settings()
            .warn(
                opening.nodeName(),
                "%s: a default of the site does not fit the image and is left out: %s"
                    .formatted(opening.imageName(), e.getMessage()));
        fitting = fitting.without(unfit);
      }
    }
  }

  private NodeEntry openFile(NodeSpec spec, Inheritance inherited) throws IOException {
    NodeEntry file = tree.openFile(spec, inherited);
    for (NodeUse use : file.uses()) {
      if (use instanceof ChildUse) {
        throw NodeTable.busy(file, use);
      }
    }
    return file;
  }

  private FormatDriverProvider format(
      NodeSpec spec, Inheritance inherited, NodeEntry file, String imageName) throws IOException {
    if (spec.driver().isEmpty()) {
      return prober.probe(file.node(), imageName);
    }
    return (FormatDriverProvider) tree.driver(spec, inherited);
  }

  /** A file name that stands for the child {@code file} is no option of the format. */
  private static Map<String, OptionValue> formatOptions(
      NodeSpec spec, FormatDriverProvider format) {
    Map<String, OptionValue> options = new LinkedHashMap<>(spec.options());
    if (format.options().find(FileNames.OPTION).isEmpty() && spec.child(ChildUse.FILE).isEmpty()) {
      options.remove(FileNames.OPTION);
    }
    return options;
  }

  /** An image whose file cannot be written is read-only if the user agrees, else refused. */
  private static boolean readOnly(OptionValues values, NodeEntry file) throws IOException {
    if (values.get(GenericOptions.READ_ONLY)) {
      return true;
    }
    if (file.node().readOnly() && !values.get(GenericOptions.AUTO_READ_ONLY)) {
      throw new ReadOnlyNodeException(file.name(), "open the image with read-only=on");
    }
    return file.node().readOnly();
  }

  private static void refuseUnknownChildren(
      NodeSpec spec, ImageChildren children, FormatDriverProvider format, Inheritance inherited)
      throws OptionException {
    Set<String> roles = new HashSet<>(children.opened().keySet());
    roles.addAll(children.asked());
    if (format.childRoles().contains(ChildUse.BACKING)) {
      roles.add(ChildUse.BACKING);
    }
    if (!movesData(inherited.use())) {
      roles.addAll(format.childRoles()); // it asks for none of them
    }
    TreeOpener.refuseChildren(spec, roles, format, inherited);
  }

  private Optional<HeadGuard> headGuard(
      NodeSpec spec, FormatDriverProvider format, String name, String imageName, boolean readOnly) {
    boolean guessed = spec.driver().isEmpty() && format.name().equals(Prober.RAW);
    if (!guessed || readOnly) {
      return Optional.empty();
    }
    session.settings().events().accept(new BlockEvent.RawGuessed(name, imageName));
    return Optional.of(new HeadGuard(prober));
  }

  private static String imageName(NodeSpec spec, NodeEntry file) {
    NodeSpec named =
        spec.child(ChildUse.FILE).orElseGet(ChildSpec.None::new) instanceof ChildSpec.Inline inline
            ? inline.node()
            : spec;
    return named
        .text(FileNames.OPTION)
        .or(() -> ChainFiles.hostFile(file).map(host -> host.path().toString()))
        .orElse(file.name());
  }
}

package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.FileRole;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Opens the nodes of one tree: protocol nodes and filters itself, images by {@link ChainOpener}.
 *
 * <p>Recursion follows what the user wrote (a filter on a filter), never what images name.
 */
final class TreeOpener {
  private static final Set<Errno> WRITE_DENIED = Set.of(Errno.EACCES, Errno.EPERM, Errno.EROFS);

  /** The front between a filter and the node below, which the graph exchanges and closes itself. */
  private static final BlockBackend.Owner DIRECT =
      new BlockBackend.Owner() {
        @Override
        public void detach(BlockBackend backend) {}

        @Override
        public void resizeRoot(BlockBackend backend, long newSize, Preallocation preallocation)
            throws IOException {
          backend.root().resize(newSize, preallocation);
        }
      };

  private final OpenSession session;
  private final ChainOpener chains;

  TreeOpener(BlockGraph graph, OpenSession session) {
    this.session = session;
    this.chains = new ChainOpener(graph, session, this);
  }

  /** Opens a node and everything below it. */
  NodeEntry open(NodeSpec spec, Inheritance inherited) throws IOException {
    if (spec.driver().isEmpty()) {
      return chains.open(spec, inherited);
    }
    return switch (driver(spec, inherited)) {
      case FormatDriverProvider format -> chains.open(spec, inherited);
      case ProtocolDriverProvider protocol -> openProtocol(protocol, spec, inherited);
      case FilterDriverProvider filter -> openFilter(filter, spec, inherited);
    };
  }

  /** Whether a spec describes an image, rather than a protocol node or a filter. */
  boolean isImage(NodeSpec spec) {
    return spec.driver()
        .flatMap(session.settings().drivers()::find)
        .map(FormatDriverProvider.class::isInstance)
        .orElse(true);
  }

  /** The driver that a spec names. */
  BlockDriverProvider driver(NodeSpec spec, Inheritance inherited) throws OptionException {
    try {
      return DriverRegistry.require(session.settings().drivers(), spec.driver().orElseThrow());
    } catch (OptionException e) {
      throw NodeOptions.below(inherited.keyPrefix(), e);
    }
  }

  /**
   * Opens what stands in the role {@code file} of a node; if nothing does, the file that its option
   * {@code filename} names.
   */
  NodeEntry openFile(NodeSpec above, Inheritance inherited) throws IOException {
    return openChild(above, ChildUse.FILE, inherited);
  }

  private NodeEntry openChild(
      FilterDriverProvider filter, NodeSpec above, String role, Inheritance inherited)
      throws IOException {
    boolean isImage =
        filter.probes(role)
            && above.child(role).orElseGet(ChildSpec.None::new)
                instanceof ChildSpec.Inline(NodeSpec node)
            && node.driver().isEmpty()
            && node.child(ChildUse.FILE).isPresent();
    return isImage
        ? open(((ChildSpec.Inline) above.child(role).orElseThrow()).node(), inherited)
        : openChild(above, role, inherited);
  }

  private NodeEntry openChild(NodeSpec above, String role, Inheritance inherited)
      throws IOException {
    Optional<ChildSpec> child = above.child(role);
    if (child.isEmpty() && role.equals(ChildUse.FILE) && above.text(FileNames.OPTION).isPresent()) {
      return openNamed(
          NodeSpec.probed().with(FileNames.OPTION, above.options().get(FileNames.OPTION)),
          inherited);
    }
    return switch (child.orElseGet(ChildSpec.None::new)) {
      case ChildSpec.Inline inline -> openNamed(inline.node(), inherited);
      case ChildSpec.Reference reference -> session.referenced(reference.nodeName());
      case ChildSpec.None none ->
          throw new OptionException(
              OptionProblem.of(
                  inherited.keyPrefix() + role,
                  "A block device must be specified for \"%s\"".formatted(role)));
    };
  }

  /** Opens a node whose driver follows from its file name if none is given; never by probing. */
  NodeEntry openNamed(NodeSpec spec, Inheritance inherited) throws IOException {
    if (spec.driver().isPresent()) {
      return open(spec, inherited);
    }
    String fileName =
        spec.text(FileNames.OPTION)
            .orElseThrow(
                () ->
                    new OptionException(
                        OptionProblem.of(
                            inherited.keyPrefix() + "driver",
                            "Must specify either driver or file")));
    NodeSpec parsed = session.settings().fileNames().parse(fileName);
    return open(parsed.merge(spec), inherited);
  }

  private NodeEntry openProtocol(
      ProtocolDriverProvider protocol, NodeSpec spec, Inheritance inherited) throws IOException {
    refuseChildren(spec, Set.of(), protocol, inherited);
    OptionValues values =
        NodeOptions.read(protocol, spec.options(), inherited, session.siteDefaults(protocol.name()))
            .values();
    String name = session.nameFor(spec.nodeName());
    DriverEnvironment environment = session.settings();
    BlockNode node;
    try {
      node = protocol.open(new ProtocolOpening(name, values, values, environment));
    } catch (OptionException e) {
      throw NodeOptions.below(inherited.keyPrefix(), e);
    } catch (BlockIoException e) {
      if (!mayRetryReadOnly(values, e)) {
        throw e;
      }
      OptionValues readOnly = values.with(GenericOptions.READ_ONLY, true);
      node = protocol.open(new ProtocolOpening(name, readOnly, readOnly, environment));
    }
    NodeEntry entry =
        session.opened(
            new NodeEntry(node).sharing(FileRole.SAME, values.get(GenericOptions.FORCE_SHARE)));
    session.lock(entry, inherited.use());
    return entry;
  }

  private static boolean mayRetryReadOnly(OptionValues values, BlockIoException failure) {
    return values.get(GenericOptions.AUTO_READ_ONLY)
        && !values.get(GenericOptions.READ_ONLY)
        && WRITE_DENIED.contains(failure.errno());
  }

  private NodeEntry openFilter(FilterDriverProvider filter, NodeSpec spec, Inheritance inherited)
      throws IOException {
    OptionValues values =
        NodeOptions.read(filter, spec.options(), inherited, session.siteDefaults(filter.name()))
            .values();
    String name = session.nameFor(spec.nodeName());
    try {
      filter.checkChildren(spec.children().keySet(), values);
    } catch (OptionException e) {
      throw NodeOptions.below(inherited.keyPrefix(), e);
    }
    Set<String> roles = roles(filter, spec);
    refuseChildren(spec, roles, filter, inherited);
    String inputRole = filter.inputRole();
    NodeEntry below = openChild(filter, spec, inputRole, inherited.belowFilter(inputRole, values));
    Map<String, NodeEntry> others = new LinkedHashMap<>();
    for (String role : roles) {
      if (!role.equals(inputRole)) {
        others.put(role, openChild(filter, spec, role, inherited.below(role, values)));
      }
    }
    Map<String, BlockNode> otherNodes = new LinkedHashMap<>();
    others.forEach((role, other) -> otherNodes.put(role, other.node()));
    BlockBackend input =
        new BlockBackend(below.name(), below.node(), session.settings().clock(), DIRECT);
    // What grows as it is written has to, below a filter too; it never gets an overlay.
    BlockNode passedTo = below.node() instanceof GrowingNode ? below.node() : input;
    BlockNode node;
    try {
      node =
          filter.open(
              new FilterOpening(
                  name, passedTo, otherNodes, chain(below), values, values, session.settings()));
    } catch (OptionException e) {
      throw NodeOptions.below(inherited.keyPrefix(), e);
    }
    NodeEntry entry = new NodeEntry(node, Optional.of(input));
    entry.children().put(ChildUse.FILE, below);
    entry.children().putAll(others);
    entry.sharing(FileRole.SAME, values.get(GenericOptions.FORCE_SHARE));
    session.lock(session.opened(entry), inherited.use());
    return entry;
  }

  /** The names of the images of a chain, from the top; filters are passed over. */
  private static List<String> chain(NodeEntry top) {
    List<String> names = new ArrayList<>();
    NodeEntry entry = top;
    while (entry != null) {
      boolean isFilter = entry.filterInput().isPresent();
      if (!isFilter) {
        names.add(entry.name());
      }
      entry = entry.children().get(isFilter ? ChildUse.FILE : ChildUse.BACKING);
    }
    return names;
  }

  /** The roles of the nodes below, those that are counted behind the others in their order. */
  private static Set<String> roles(FilterDriverProvider filter, NodeSpec spec) {
    Set<String> roles = new LinkedHashSet<>(filter.childRoles());
    filter
        .numberedRole()
        .ifPresent(
            role -> {
              for (int i = 0; spec.child(role + "." + i).isPresent(); i++) {
                roles.add(role + "." + i);
              }
            });
    return roles;
  }

  /** Refuses children in roles that a driver will have one day. */
  static void refuseUnsupported(NodeSpec spec, BlockDriverProvider driver, Inheritance inherited)
      throws OptionException {
    List<OptionProblem> problems =
        spec.children().keySet().stream()
            .filter(driver.unsupportedRoles()::contains)
            .map(role -> OptionProblem.of(role, "not supported yet: " + role))
            .map(problem -> problem.below(inherited.keyPrefix()))
            .toList();
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
  }

  /** Refuses children in roles that a driver does not have. */
  static void refuseChildren(
      NodeSpec spec, Set<String> roles, BlockDriverProvider driver, Inheritance inherited)
      throws OptionException {
    for (String role : spec.children().keySet()) {
      boolean none = spec.child(role).orElseThrow() instanceof ChildSpec.None;
      if (!none && !roles.contains(role)) {
        String words =
            role.equals(ChildUse.BACKING)
                ? "Driver doesn't support backing files"
                : OptionSchema.unknown(NodeOptions.owner(driver), role);
        throw new OptionException(OptionProblem.of(inherited.keyPrefix() + role, words));
      }
    }
  }
}

package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Permissions;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A graph of open nodes: opens images with what lies below them, keeps their names, knows who uses
 * whom, and closes them.
 *
 * <pre>{@code
 * try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
 *     BlockBackend disk = graph.openBackend(NodeSpec.of("qcow2").withChild("file", NodeSpec.file("hd0.qcow2")))) {
 *   disk.read(0, buffer);
 * }
 * }</pre>
 *
 * <p>Threads: any. Opening, closing and snapshots are done one at a time; requests to nodes take no
 * lock of the graph's.
 */
public final class BlockGraph implements AutoCloseable {
  private final GraphSettings settings;
  private final AtomicLong chainVersion = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final NodeTable table; // guarded by lock
  private final Backends backends; // guarded by lock
  private boolean closed; // guarded by lock

  BlockGraph(GraphSettings settings) {
    this.settings = settings;
    this.table = new NodeTable(warning -> settings.warn("block graph", warning));
    this.backends = new Backends(lock, table, settings.clock());
  }

  /** Begins a graph that opens nodes with these drivers. */
  public static BlockGraphBuilder builder(DriverLookup drivers) {
    return new BlockGraphBuilder(drivers);
  }

  /** The drivers that this graph opens nodes with. */
  public DriverLookup drivers() {
    return settings.drivers();
  }

  /** Counts how often a node has got another backing file. */
  long chainVersion() {
    return chainVersion.get();
  }

  /** Says that a node has got another backing file. */
  void chainsChanged() {
    chainVersion.incrementAndGet();
  }

  /** What the caches of all images may hold together. */
  CacheBudget cacheBudget() {
    return settings.cacheBudget();
  }

  /** How large the index of a chain is. */
  IndexSize indexSize() {
    return settings.indexSize();
  }

  /** The clock that drivers and statistics go by. */
  public BlockClock clock() {
    return settings.clock();
  }

  /**
   * Opens a node and everything below it, or nothing.
   *
   * <p>Without a driver, the format is found by looking at the image; a disk that is taken for raw
   * in this way refuses writes that make it look like another format. Backing files follow from the
   * headers, as far as the {@link OpenGate} lets them, and are read-only.
   *
   * @param spec what to open; children given in place belong to the node, referenced ones do not
   * @return the node; {@link #close(BlockNode)}, or closing the graph, closes it
   * @throws OptionException if options are wrong; their keys are those of the root: {@code
   *     backing.l2-cache-size}
   * @throws dev.platter.api.error.ImageRefusedException if the gate refuses a file that an image
   *     names, or the chain loops or is too deep
   */
  public BlockNode open(NodeSpec spec) throws IOException {
    return open(spec, Permissions.TOOL);
  }

  /**
   * Opens a node as {@link #open(NodeSpec)} does. The files are locked accordingly before anything
   * is read from them as images.
   *
   * @param use what the caller does with the node, as long as nobody else refers to it, and what
   *     other processes may do meanwhile. A node that is read-only is not written
   * @throws NodeBusyException if another process does what may not be done, or does not let it be
   *     done
   */
  public BlockNode open(NodeSpec spec, Permissions use) throws IOException {
    lock.lock();
    try {
      return openEntry(spec, use).node();
    } finally {
      lock.unlock();
    }
  }

  /** {@link #openBackend(NodeSpec, Permissions)} for a guest's disk. */
  public BlockBackend openBackend(NodeSpec spec) throws IOException {
    return openBackend(spec, Permissions.DEVICE);
  }

  /**
   * Opens a node as {@link #open(NodeSpec, Permissions)} does and puts a backend on it that bears
   * its name.
   *
   * @return the backend; closing it closes the node
   */
  public BlockBackend openBackend(NodeSpec spec, Permissions use) throws IOException {
    lock.lock();
    try {
      NodeEntry root = openEntry(spec, use);
      root.setClosedWithLastUse(true);
      return backends.attach(root.name(), root, use);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts a backend on an open node; it bears the node's name.
   *
   * @return the backend; closing it leaves the node open
   */
  public BlockBackend attach(BlockNode root) throws IOException {
    return attach(root.name(), root);
  }

  /** {@link #attach(String, BlockNode, Permissions)} for a guest's disk. */
  public BlockBackend attach(String name, BlockNode root) throws IOException {
    return attach(name, root, Permissions.DEVICE);
  }

  /**
   * Puts a backend on an open node.
   *
   * @param name the backend's name, for messages
   * @param root a node of this graph
   * @param use what is done through the backend, and what other processes may do meanwhile
   * @throws NodeBusyException if another process does not agree; nothing has changed then
   */
  public BlockBackend attach(String name, BlockNode root, Permissions use) throws IOException {
    lock.lock();
    try {
      requireOpen();
      return backends.attach(name, table.require(root), use);
    } finally {
      lock.unlock();
    }
  }

  /** The open node with this name. */
  public Optional<BlockNode> find(String nodeName) {
    lock.lock();
    try {
      return table.find(nodeName).map(NodeEntry::node);
    } finally {
      lock.unlock();
    }
  }

  /** All open nodes, those of files among them; children before those above them. */
  public List<BlockNode> nodes() {
    lock.lock();
    try {
      return table.nodes();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The images that a node's bytes come from, from the top down: itself, its backing file, and so
   * on. A backend counts as its root. Filters in between are left out; what ends a chain without
   * being an image stands last.
   */
  public List<BlockNode> chainOf(BlockNode node) {
    lock.lock();
    try {
      List<BlockNode> chain = new ArrayList<>();
      Optional<NodeEntry> at =
          table.find(node instanceof BlockBackend backend ? backend.root() : node);
      while (at.isPresent()) {
        NodeEntry entry = at.get();
        boolean filter = entry.filterInput().isPresent();
        if (!filter) {
          chain.add(entry.node());
        }
        at = Optional.ofNullable(entry.children().get(filter ? ChildUse.FILE : ChildUse.BACKING));
      }
      return chain;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A node and all nodes below it, whatever they are to those above, from the top down. A backend
   * counts as its root.
   */
  public List<BlockNode> treeOf(BlockNode node) {
    lock.lock();
    try {
      Set<NodeEntry> found = new LinkedHashSet<>();
      table
          .find(node instanceof BlockBackend backend ? backend.root() : node)
          .ifPresent(entry -> addTree(entry, found));
      return found.stream().map(NodeEntry::node).toList();
    } finally {
      lock.unlock();
    }
  }

  private static void addTree(NodeEntry entry, Set<NodeEntry> found) {
    if (found.add(entry)) {
      entry.children().values().forEach(child -> addTree(child, found));
    }
  }

  /**
   * Creates an image. An existing file is overwritten.
   *
   * @throws OptionException if options are wrong; if they are unknown or not of their type, no file
   *     has been touched
   */
  public void create(CreateRequest request) throws IOException {
    new ImageCreator(this, settings).create(request);
  }

  /**
   * Creates an empty overlay for a node, to be given to {@link #snapshot}: of its size, with its
   * image as backing file.
   *
   * @param base an image of this graph, or a backend on one
   * @param driver the overlay's format
   * @param fileName where
   * @param options the format's creation options
   * @return how to open the overlay, without its backing file
   */
  public NodeSpec createOverlay(
      BlockNode base, String driver, String fileName, Map<String, OptionValue> options)
      throws IOException {
    FormatNode image = Snapshot.image(base instanceof BlockBackend front ? front.root() : base);
    BackingReference backing;
    lock.lock();
    try {
      backing = ChainFiles.reference(table.require(image), image);
    } finally {
      lock.unlock();
    }
    return new ImageCreator(this, settings)
        .createOverlay(image.size(), backing, driver, fileName, options);
  }

  /**
   * Puts an overlay on a running node. Requests may come in meanwhile: they wait for a moment, and
   * none is lost.
   *
   * <p>Whoever referred to the node refers to the overlay afterwards: backends, filters, and images
   * that have it as backing file. The node itself is {@linkplain
   * dev.platter.api.driver.FormatDriver#settle settled}, becomes read-only, and now belongs to the
   * overlay, which closes it. If anything fails, all is as it was.
   *
   * <p>Not to be called from within a request.
   *
   * @param running an image of this graph, or a backend whose root is one
   * @param overlay the overlay, which exists and is empty; it is opened without a backing file
   * @return the overlay's node
   * @throws NodeBusyException if the node's bytes are another format's file, or the overlay is in
   *     use
   */
  public BlockNode snapshot(BlockNode running, NodeSpec overlay) throws IOException {
    lock.lock();
    try {
      requireOpen();
      BlockNode root = running instanceof BlockBackend backend ? backend.root() : running;
      NodeEntry entry = table.require(root);
      while (entry.filterInput().isPresent()) {
        entry = entry.children().get(ChildUse.FILE);
      }
      FormatNode old = Snapshot.image(entry.node());
      Snapshot.requireNoBacking(overlay, old);
      NodeEntry top =
          openEntry(overlay.withChild(ChildUse.BACKING, new ChildSpec.None()), Permissions.TOOL);
      try {
        Snapshot snapshot = new Snapshot(entry, old, top, Snapshot.image(top.node()));
        snapshot.check();
        snapshot.perform();
        table.relockFiles();
        return top.node();
      } catch (IOException e) {
        table.closeAfter(e, top);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes a node, and below it what was opened with it and is not in use elsewhere.
   *
   * @throws NodeBusyException if something refers to the node; nothing has been closed then
   */
  public void close(BlockNode node) throws IOException {
    lock.lock();
    try {
      Optional<NodeEntry> entry = table.find(node);
      if (entry.isPresent()) {
        table.close(entry.get());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes all backends and nodes, from the top down. Closing twice does nothing.
   *
   * @throws IOException the first failure, after everything has been closed
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      List<IOException> failures = new ArrayList<>();
      for (BlockBackend backend : backends.all()) {
        closing(failures, backend::close);
      }
      for (List<NodeEntry> roots = table.unused(); !roots.isEmpty(); roots = table.unused()) {
        for (NodeEntry root : roots) {
          closing(failures, () -> table.close(root));
        }
      }
      Failures.throwFirst(failures);
    } finally {
      lock.unlock();
    }
  }

  /** An empty graph with the same settings. */
  BlockGraph sibling() {
    return new BlockGraph(settings);
  }

  /**
   * Does something to a node while it cannot be exchanged.
   *
   * @throws NodeBusyException if another node has this one below it
   */
  void changeUnshared(FormatNode node, HeadGuard.Change change) throws IOException {
    lock.lock();
    try {
      Optional<NodeEntry> entry = table.find(node);
      for (NodeUse use : entry.map(NodeEntry::uses).orElse(List.of())) {
        if (use instanceof ChildUse link && link.above().filterInput().isEmpty()) {
          throw NodeTable.busy(entry.get(), use);
        }
      }
      if (entry.isEmpty()) {
        change.perform(); // it is closed, and says so
      } else {
        table.resize(entry.get(), change);
      }
    } finally {
      lock.unlock();
    }
  }

  private NodeEntry openEntry(NodeSpec spec, Permissions use) throws IOException {
    requireOpen();
    OpenSession session = new OpenSession(settings, table);
    NodeEntry root;
    try {
      root = new TreeOpener(this, session).open(spec, Inheritance.ofRoot(use));
    } catch (IOException | RuntimeException e) {
      session.rollBack(e);
      throw e;
    }
    root.setOpenedFor(use);
    session.commit(root);
    try {
      table.lockFiles();
      session.finish();
    } catch (IOException e) {
      table.closeAfter(e, root);
      throw e;
    }
    return root;
  }

  private void requireOpen() throws NodeClosedException {
    if (closed) {
      throw new NodeClosedException("block graph");
    }
  }

  private static void closing(List<IOException> failures, OpenSession.Undo step) {
    try {
      step.run();
    } catch (IOException e) {
      failures.add(e);
    }
  }
}

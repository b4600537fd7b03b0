package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.BlockClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The backends on a graph's nodes, and what the graph does for them. */
final class Backends implements BlockBackend.Owner {
  private final ReentrantLock lock;
  private final NodeTable table; // guarded by lock
  private final BlockClock clock;
  private final List<BlockBackend> backends = new ArrayList<>(); // guarded by lock

  /**
   * @param lock the graph's, which guards the table as well
   */
  Backends(ReentrantLock lock, NodeTable table, BlockClock clock) {
    this.lock = lock;
    this.table = table;
    this.clock = clock;
  }

  /** Puts a backend on a node, if its files can be locked for it; the caller holds the lock. */
  BlockBackend attach(String name, NodeEntry root, Permissions use) throws IOException {
    BlockBackend backend = new BlockBackend(name, root.node(), clock, this);
    table.addUse(root, new BackendUse(backend, use));
    backends.add(backend);
    return backend;
  }

  /** The backends there are; the caller holds the lock. */
  List<BlockBackend> all() {
    return List.copyOf(backends);
  }

  @Override
  public void detach(BlockBackend backend) throws IOException {
    lock.lock();
    try {
      backends.remove(backend);
      NodeEntry root = table.require(backend.root());
      root.uses().removeIf(use -> use instanceof BackendUse link && link.backend() == backend);
      if (root.uses().isEmpty() && root.closedWithLastUse()) {
        table.close(root);
      } else {
        table.relockFiles();
        root.node().flush();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void resizeRoot(BlockBackend backend, long newSize, Preallocation preallocation)
      throws IOException {
    lock.lock();
    try {
      BlockNode root = backend.root();
      if (root instanceof FormatNode image) {
        image.resize(newSize, preallocation);
      } else {
        table.resize(table.require(root), () -> root.resize(newSize, preallocation));
      }
    } finally {
      lock.unlock();
    }
  }
}

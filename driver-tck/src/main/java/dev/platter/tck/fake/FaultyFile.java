package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.LockableNode;
import dev.platter.api.Permissions;
import java.io.IOException;
import java.nio.file.Path;

/** A {@link FaultyNode} over a host file, and to be taken for that file: below an image. */
public final class FaultyFile extends FaultyNode implements HostBacked, LockableNode {
  private final HostBacked file;

  /**
   * A file that fails nothing yet.
   *
   * @param below takes the requests that do not fail: the file, or what stands before it; closed
   *     with this
   * @param file what this is taken for
   */
  public FaultyFile(BlockNode below, HostBacked file) {
    super(below);
    this.file = file;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public Object fileKey() {
    return file.fileKey();
  }

  @Override
  public long allocatedBytes() throws IOException {
    return file.allocatedBytes();
  }

  /** {@inheritDoc} A file that knows no locks takes none. */
  @Override
  public void lock(Permissions permissions) throws IOException {
    if (file instanceof LockableNode lockable) {
      lockable.lock(permissions);
    }
  }
}

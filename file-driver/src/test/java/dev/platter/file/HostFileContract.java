package dev.platter.file;

import dev.platter.file.FileNodes.Means;
import dev.platter.tck.Capability;
import dev.platter.tck.Medium;
import dev.platter.tck.NodeContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The contract of nodes, for host files reached by one of several means. */
abstract class HostFileContract extends NodeContract {
  /** The host copies from its page cache byte by byte while a write goes to the same page. */
  @Override
  public boolean readsOfWholeSectors() {
    return false;
  }

  private final Means means;

  @TempDir Path folder;

  HostFileContract(Means means) {
    this.means = means;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.GROW, Capability.SHRINK);
  }

  @Override
  public Medium medium(long size) throws IOException {
    Path path = Files.createTempFile(folder, "disk", null);
    FileNodes.create(path, size, "");
    return readOnly -> means.open(path, readOnly ? "read-only=on" : "read-only=off");
  }
}

package dev.platter.tck.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.HostBacked;
import dev.platter.api.LockableNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.NodeBusyException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FaultyFileTest {
  private final LockedFile file = new LockedFile();
  private final FaultyFile faulty = new FaultyFile(new RecordingNode(file), file);

  /** A file in memory that can be locked, unless another process writes to it. */
  private static final class LockedFile extends ForwardingNode implements HostBacked, LockableNode {
    private Permissions locked = Permissions.NONE;
    private boolean written;

    LockedFile() {
      super("disk", new MemoryNode("disk", 4096));
    }

    @Override
    public void lock(Permissions permissions) throws IOException {
      if (written && !permissions.shared().contains(Permission.WRITE)) {
        throw NodeBusyException.exercised(Permission.WRITE, name());
      }
      locked = permissions;
    }

    @Override
    public void close() {
      locked = Permissions.NONE;
    }

    @Override
    public Path path() {
      return Path.of("disk");
    }

    @Override
    public Object fileKey() {
      return this;
    }

    @Override
    public long allocatedBytes() {
      return size();
    }
  }

  @Test
  void locksAreTakenOfTheFileBelowAndGivenBack() throws IOException {
    faulty.lock(Permissions.LONE_TOOL);
    assertThat(file.locked).isEqualTo(Permissions.LONE_TOOL);
    faulty.lock(Permissions.NONE);
    assertThat(file.locked).isEqualTo(Permissions.NONE);
  }

  @Test
  void closingGivesThemBack() throws IOException {
    faulty.lock(Permissions.LONE_TOOL);
    faulty.close();
    assertThat(file.locked).isEqualTo(Permissions.NONE);
  }

  @Test
  void refusalComesFromTheFileBelow() throws IOException {
    faulty.lock(Permissions.TOOL);
    file.written = true;
    assertThatThrownBy(() -> faulty.lock(Permissions.LONE_TOOL))
        .isInstanceOf(NodeBusyException.class);
    assertThat(file.locked).isEqualTo(Permissions.TOOL);
  }
}

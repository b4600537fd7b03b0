package dev.platter.file;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;
import static dev.platter.api.Permission.WRITE_UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.BlockNode;
import dev.platter.api.LockableNode;
import dev.platter.api.Permissions;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OptionException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Locks of real files, between nodes of this process and between processes. */
@Timeout(120)
class HostFileLockTest {
  private static final Permissions READER =
      Permissions.NONE.holding(CONSISTENT_READ).sharing(CONSISTENT_READ, WRITE_UNCHANGED);
  private static final Permissions WRITER = READER.holding(WRITE, RESIZE);

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void create() throws IOException {
    assumeTrue(HostPlatform.hasNativeCalls(), "no native calls on this host");
    path = Files.write(folder.resolve("disk"), new byte[512]);
  }

  @Test
  void twoNodesOfOneProcessExcludeEachOther() throws IOException {
    try (BlockNode first = locked(WRITER);
        BlockNode second = FileNodes.open(path, "read-only=on")) {
      assertThatThrownBy(() -> ((LockableNode) second).lock(READER))
          .isInstanceOf(NodeBusyException.class)
          .hasMessage(
              "Failed to get shared \"write\" lock. Is another process using the image [%s]?",
              path);
      assertThat(first.readOnly()).isFalse();
    }
    locked(WRITER).close();
  }

  @Test
  void closingAnotherStreamOnTheFileLosesNoLock() throws IOException {
    try (BlockNode node = locked(WRITER)) {
      Files.readAllBytes(path);
      FileChannel.open(path, StandardOpenOption.WRITE).close();
      FileNodes.open(path, "read-only=off").close();
      assertThatThrownBy(() -> locked(WRITER)).isInstanceOf(NodeBusyException.class);
      assertThat(node.size()).isEqualTo(512);
    }
  }

  @Test
  void lockingOffNeitherTakesNorRespectsLocks() throws IOException {
    try (BlockNode first = locked(WRITER);
        BlockNode second = FileNodes.open(path, "locking=off")) {
      ((LockableNode) second).lock(WRITER);
      assertThat(first.size()).isEqualTo(second.size());
    }
  }

  @Test
  void channelsLockNothingAndRefuseToPretend() throws IOException {
    assertThatThrownBy(() -> FileNodes.open(path, "native=off,locking=on"))
        .isInstanceOf(OptionException.class)
        .hasMessage("locking=on needs native=on, on Linux");
    try (BlockNode first = locked(WRITER);
        BlockNode second = FileNodes.open(path, "native=off,locking=auto")) {
      ((LockableNode) second).lock(WRITER);
      assertThat(first.size()).isEqualTo(second.size());
    }
  }

  @Test
  void fileInUseIsNotEmptiedByCreatingItAgain() throws IOException {
    try (BlockNode reader = locked(READER)) {
      assertThatThrownBy(() -> FileNodes.create(path, 1024, ""))
          .isInstanceOf(NodeBusyException.class)
          .hasMessageStartingWith("Failed to get \"write\" lock");
      assertThat(reader.size()).isEqualTo(512);
    }
    assertThat(Files.size(path)).isEqualTo(512);
    FileNodes.create(path, 1024, "");
    assertThat(Files.size(path)).isEqualTo(1024);
  }

  @Test
  void fileThatWasReplacedBeforeItWasLockedIsRefused() throws IOException {
    try (BlockNode node = FileNodes.open(path, "read-only=off")) {
      Path other = Files.write(folder.resolve("other"), new byte[512]);
      Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
      assertThatThrownBy(() -> ((LockableNode) node).lock(WRITER))
          .isInstanceOf(NodeBusyException.class)
          .hasMessage("'%s' was replaced by another file while it was opened", path);
      Files.delete(path);
      assertThatThrownBy(() -> ((LockableNode) node).lock(WRITER))
          .isInstanceOf(BlockIoException.class)
          .hasMessage("Could not open '%s': No such file or directory", path);
    }
  }

  @Test
  void closedNodeIsNotLocked() throws IOException {
    BlockNode node = FileNodes.open(path, "read-only=off");
    node.close();
    assertThatThrownBy(() -> ((LockableNode) node).lock(READER))
        .isInstanceOf(NodeClosedException.class);
  }

  @Test
  void locksEndAtOnceWithAKilledProcess() throws Exception {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('!');
      assertThatThrownBy(() -> locked(READER)).isInstanceOf(NodeBusyException.class);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    locked(WRITER).close();
  }

  private BlockNode locked(Permissions permissions) throws IOException {
    BlockNode node = FileNodes.open(path, "locking=on,read-only=off");
    try {
      ((LockableNode) node).lock(permissions);
      return node;
    } catch (IOException e) {
      node.close();
      throw e;
    }
  }

  /** A process that has the file locked for writing until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      BlockNode node = FileNodes.open(Path.of(args[0]), "read-only=off");
      ((LockableNode) node).lock(WRITER);
      System.out.print('!');
      System.out.flush();
      Thread.sleep(Duration.ofMinutes(2)); // at the longest, if nobody kills it
      node.close();
    }
  }
}

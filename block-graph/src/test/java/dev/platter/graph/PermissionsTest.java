package dev.platter.graph;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;
import static dev.platter.api.Permission.WRITE_UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What files are locked for: as QEMU's programs and machines lock them. */
class PermissionsTest {
  private static final int SIZE = 4 * TestGraph.CLUSTER;

  /** 100, 201, 203. */
  private static final Permissions READER =
      Permissions.NONE.holding(CONSISTENT_READ).sharing(CONSISTENT_READ, WRITE_UNCHANGED);

  /** 100, 101, 103, 201, 203. */
  private static final Permissions WRITER = READER.holding(WRITE, RESIZE);

  /** 100. */
  private static final Permissions SHARING_READER = READER.sharingAll();

  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createImages() throws IOException {
    test.files.put("/flat", new byte[SIZE]);
    test.createToy("/base", SIZE);
    test.createToy("/top", SIZE, "/base", "toy");
    test.createToy("/on-flat", SIZE, "/flat", "raw");
    test.files.takeLockLog();
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void topIsLockedForAWriterAndItsBackingFilesForReaders() throws IOException {
    test.open(TestGraph.toy("/top"));
    assertThat(lockOf("/top")).isEqualTo(WRITER);
    assertThat(lockOf("/base")).isEqualTo(READER);
  }

  @Test
  void readOnlyImageIsLockedForAReader() throws IOException {
    test.open(TestGraph.toy("/top").with("read-only", "on"));
    assertThat(lockOf("/top")).isEqualTo(READER);
  }

  @Test
  void forceShareSharesTheWholeChain() throws IOException {
    test.open(TestGraph.toy("/top").with("read-only", "on").with("force-share", "on"));
    assertThat(lockOf("/top")).isEqualTo(SHARING_READER);
    assertThat(lockOf("/base")).isEqualTo(SHARING_READER);
  }

  @Test
  void flatDiskIsSharedAsItsUserSharesIt() throws IOException {
    BlockNode disk = test.open(TestGraph.raw("/flat"));
    assertThat(lockOf("/flat")).isEqualTo(Permissions.TOOL);
    BlockBackend device = test.graph.attach(disk);
    assertThat(lockOf("/flat")).isEqualTo(Permissions.DEVICE);
    device.close();
    assertThat(lockOf("/flat")).isEqualTo(Permissions.TOOL);
  }

  @Test
  void flatBackingFileMayChangeIfTheOverlaysUserCanStandIt() throws IOException {
    BlockNode overlay = test.open(TestGraph.toy("/on-flat"));
    assertThat(lockOf("/flat")).isEqualTo(SHARING_READER);
    test.graph.attach(overlay);
    assertThat(lockOf("/flat")).isEqualTo(READER);
  }

  @Test
  void filterDoesWhatItsUserDoes() throws IOException {
    NodeSpec filter = NodeSpec.of("pass").withChild("file", TestGraph.raw("/flat"));
    test.graph.openBackend(filter);
    assertThat(lockOf("/flat")).isEqualTo(Permissions.DEVICE);
  }

  @Test
  void imageIsLockedBeforeItsHeaderIsRead() throws IOException {
    test.files.withhold("/top", WRITE);
    test.files.get("/top").write(0, new byte[SIZE / 4]); // no header any more
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top")))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Failed to get \"write\" lock. Is another process using the image [/top]?");
  }

  @Test
  void refusalOfABackingFileSaysSo() throws IOException {
    test.files.withhold("/base", CONSISTENT_READ);
    assertThatThrownBy(() -> test.open(TestGraph.toy("/top")))
        .isInstanceOfSatisfying(
            NodeBusyException.class,
            busy -> {
              assertThat(busy.reason())
                  .isEqualTo("Could not open backing file: Failed to get \"consistent read\" lock");
              assertThat(busy.hint()).isEqualTo("Is another process using the image [/base]?");
            });
  }

  @Test
  void liveSnapshotLeavesTheOldTopToReaders() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/base").named("d"));
    assertThat(lockOf("/base")).isEqualTo(WRITER);
    NodeSpec overlay = test.graph.createOverlay(disk, "toy", "/over", Map.of());
    test.graph.snapshot(disk, overlay);
    assertThat(lockOf("/base")).isEqualTo(READER);
    assertThat(lockOf("/over")).isEqualTo(WRITER);
  }

  @Test
  void resizingIsAnnouncedWhileItLasts() throws IOException {
    FormatNode disk = test.open(TestGraph.raw("/flat"));
    test.files.takeLockLog();
    disk.resize(2 * SIZE, Preallocation.OFF);
    assertThat(test.files.takeLockLog()).containsOnly("/flat").hasSizeGreaterThan(1);
    assertThat(lockOf("/flat")).isEqualTo(Permissions.TOOL);
  }

  @Test
  void backendThatIsRefusedChangesNothing() throws IOException {
    BlockNode disk =
        test.graph.open(TestGraph.raw("/flat"), Permissions.NONE.holding(CONSISTENT_READ));
    test.files.withhold("/flat", WRITE);
    assertThatThrownBy(() -> test.graph.attach(disk)).isInstanceOf(NodeBusyException.class);
    assertThat(lockOf("/flat")).isEqualTo(SHARING_READER);
    test.graph.close(disk);
  }

  @Test
  void nodeBecomesABackingFileByReference() throws IOException {
    test.graph.open(TestGraph.toy("/base").named("b"));
    assertThat(lockOf("/base")).isEqualTo(WRITER);
    test.createToy("/over", SIZE);
    test.graph.openBackend(TestGraph.toy("/over").withChild("backing", ref("b")));
    assertThat(lockOf("/base")).isEqualTo(READER);
    assertThat(lockOf("/over")).isEqualTo(WRITER);
  }

  @Test
  void longChainIsLockedOnceAndInALoop() throws IOException {
    String below = "/base";
    for (int i = 0; i < 500; i++) {
      test.createToy("/layer" + i, SIZE, below, "toy");
      below = "/layer" + i;
    }
    test.files.takeLockLog();
    test.graph.openBackend(TestGraph.toy(below));
    assertThat(test.files.takeLockLog()).hasSize(501).doesNotHaveDuplicates();
  }

  private Permissions lockOf(String fileName) {
    return test.files.lockOf(fileName);
  }

  private static ChildSpec ref(String nodeName) {
    return new ChildSpec.Reference(nodeName);
  }
}

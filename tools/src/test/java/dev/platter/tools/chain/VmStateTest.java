package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.InternalSnapshots;
import dev.platter.graph.VmState;
import dev.platter.tools.Run;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine's state, kept in the image of its disk. */
class VmStateTest {
  private static final int STATE_BYTES = 300_000;
  private static final String SECRET = "secret,id=s,data=passphrase";

  @TempDir Path folder;
  private BlockGraph graph;
  private Path image;

  @BeforeEach
  void createImage() {
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
    image = folder.resolve("disk.qcow2");
    create(image, "cluster_size=4k");
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  @Test
  void stateGoesWithTheSnapshotAndComesBackWithIt() throws Exception {
    QemuTools.assumeInstalled();
    try (BlockBackend disk = graph.openBackend(qcow2())) {
      VmState state = VmState.of(disk);
      InternalSnapshots snapshots = InternalSnapshots.of(disk);
      disk.write(0, filled(1, 512));
      state.write(0, MemorySegment.ofArray(filled(2, STATE_BYTES)));
      String id = snapshots.create(withState(STATE_BYTES)).id();
      assertThat(read(state, 0, STATE_BYTES)).containsOnly(0);
      disk.write(0, filled(3, 512));
      state.write(1000, MemorySegment.ofArray(filled(4, 1000)));
      snapshots.apply(id);
      assertThat(read(state, 0, STATE_BYTES)).containsOnly(2);
      assertThat(read(state, STATE_BYTES, 1000)).containsOnly(0);
    }
    assertThat(Run.of("img", "snapshot", "-l", image.toString()).out()).contains("293 KiB");
    QemuTools.check(image);
    QemuTools.io(image, "read -P 1 0 512", "read -b -P 2 0 299520", "read -b -P 0 300032 8k");
    QemuTools.img("snapshot", "-d", "running", image);
    QemuTools.check(image);
  }

  @Test
  void stateThatQemuWroteIsReadAndTheReverse() throws Exception {
    QemuTools.assumeInstalled();
    for (String options :
        new String[] {
          "cluster_size=512",
          "cluster_size=64k,extended_l2=on",
          "encrypt.format=aes,encrypt.key-secret=s"
        }) {
      Path file = folder.resolve("each.qcow2");
      create(file, options);
      String spec = "driver=qcow2,file.filename=" + file;
      if (options.contains("encrypt")) {
        spec += "," + options;
      }
      qemuIo(spec, "write -b -P 7 0 100k", "write -P 8 0 1M");
      ourIo(spec, "read -q -b -P 7 0 100k", "write -q -b -P 9 50k 1M", "read -q -P 8 0 1M");
      qemuIo(spec, "read -b -P 7 0 50k", "read -b -P 9 50k 1M", "read -P 8 0 1M");
      QemuTools.img("check", "--object", SECRET, "--image-opts", spec);
    }
  }

  @Test
  void stateIsReadThroughFiltersAndFromASnapshotOfAReadOnlyImage() throws Exception {
    try (BlockNode disk = graph.open(qcow2())) {
      VmState.of(disk).write(0, MemorySegment.ofArray(filled(5, 4096)));
      InternalSnapshots.of(disk).create(withState(4096));
    }
    NodeSpec old = qcow2().with("read-only", "on").with("snapshot.name", "running");
    try (BlockNode disk = graph.open(NodeSpec.of("blkdebug").withChild("image", old))) {
      VmState state = VmState.of(disk);
      assertThat(read(state, 0, 4096)).containsOnly(5);
      assertThatThrownBy(() -> state.write(0, MemorySegment.ofArray(new byte[512])))
          .isInstanceOf(ReadOnlyNodeException.class);
    }
  }

  @Test
  void stateTooLargeForTheFormatIsRefusedAndNothingChanges() throws Exception {
    try (BlockNode disk = graph.open(qcow2())) {
      VmState state = VmState.of(disk);
      assertThatThrownBy(() -> state.write(1L << 60, MemorySegment.ofArray(new byte[512])))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFBIG));
      state.write(0, MemorySegment.ofArray(filled(1, 512)));
      assertThat(read(state, 0, 512)).containsOnly(1);
    }
  }

  private static SnapshotRequest withState(long stateBytes) {
    return new SnapshotRequest("running", Instant.EPOCH, stateBytes, 0, OptionalLong.empty());
  }

  private static byte[] read(VmState state, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    state.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static byte[] filled(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private NodeSpec qcow2() {
    return NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString()));
  }

  private static void create(Path file, String options) {
    Run.createEncrypted(SECRET, "qcow2", options, file, "1M");
  }

  private static void qemuIo(String spec, String first, String... more) throws Exception {
    QemuTools.run("qemu-io", arguments(spec, first, more));
  }

  private static void ourIo(String spec, String first, String... more) {
    Object[] given = arguments(spec, first, more);
    String[] words = new String[given.length + 1];
    words[0] = "io";
    for (int i = 0; i < given.length; i++) {
      words[i + 1] = given[i].toString();
    }
    Run run = Run.of(words);
    assertThat(run.status()).as(run.out() + run.err()).isZero();
  }

  private static Object[] arguments(String spec, String first, String... more) {
    Object[] words = new Object[6 + 2 * more.length];
    System.arraycopy(new Object[] {"--object", SECRET, "-c", first}, 0, words, 0, 4);
    for (int i = 0; i < more.length; i++) {
      words[4 + 2 * i] = "-c";
      words[5 + 2 * i] = more[i];
    }
    words[words.length - 2] = "--image-opts";
    words[words.length - 1] = spec;
    return words;
  }
}

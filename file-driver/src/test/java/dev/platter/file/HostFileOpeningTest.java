package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.BlockNode;
import dev.platter.api.GrowingNode;
import dev.platter.api.HostBacked;
import dev.platter.api.Preallocation;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionValues;
import dev.platter.file.FileNodes.Means;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class HostFileOpeningTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void missingFileIsReportedInTheWordsOfQemu(Means means) {
    Path missing = folder.resolve("nope.img");
    assertThatThrownBy(() -> means.open(missing))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessage("Could not open '%s': No such file or directory", missing);
  }

  @ParameterizedTest
  @EnumSource
  void fileBelowAFileIsReportedInTheWordsOfQemu(Means means) throws IOException {
    Path below = newFile(512).resolve("x");
    assertThatThrownBy(() -> means.open(below))
        .hasMessage("Could not open '%s': Not a directory", below);
    assertThatThrownBy(() -> FileNodes.create(below, 0, ""))
        .hasMessage("Could not create '%s': Not a directory", below);
  }

  @ParameterizedTest
  @EnumSource
  void optionsAboutWhatThereIsNotAreTaken(Means means) throws IOException {
    Path file = newFile(512);
    means.open(file, "aio-max-batch=4,drop-cache=off,x-check-cache-dropped=on").close();
    assertThatThrownBy(() -> means.open(file, "pr-manager=foo"))
        .isInstanceOf(OptionException.class)
        .hasMessage("No persistent reservation manager with id 'foo'");
  }

  @ParameterizedTest
  @EnumSource
  void foldersAreRefused(Means means) {
    assertThatThrownBy(() -> means.open(folder, "read-only=on"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("'file' driver requires '%s' to be a regular file", folder);
    assertThatThrownBy(() -> means.open(folder, "read-only=off"))
        .isInstanceOf(BlockIoException.class)
        .hasMessage("Could not open '%s': Is a directory", folder);
  }

  @ParameterizedTest
  @EnumSource
  void characterDevicesAreRefused(Means means) {
    Path device = Path.of("/dev/random");
    assumeTrue(Files.exists(device), "no /dev/random");
    assertThatThrownBy(() -> means.open(device))
        .hasMessage("'file' driver requires '/dev/random' to be a regular file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/null", "/dev/zero", "/dev/full"})
  void devicesThatHoldNothingAreFilesOfNoBytes(String name) throws IOException {
    Path device = Path.of(name);
    assumeTrue(Files.exists(device), "no " + name);
    for (Means means : List.of(Means.NATIVE, Means.CHANNEL)) {
      try (GrowingNode node = means.open(device, "read-only=on")) {
        assertThat(node.size()).isZero();
        assertThat(((HostBacked) node).allocatedBytes()).isZero();
      }
      try (GrowingNode node = means.open(device)) {
        assertThatThrownBy(() -> node.resize(512, Preallocation.OFF))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void namedPipeIsRefusedWithoutWaitingForItsOtherEnd(Means means) throws Exception {
    Path pipe = folder.resolve("pipe");
    Process mkfifo = startOrSkip("mkfifo", pipe.toString());
    assertThat(mkfifo.waitFor()).isZero();
    assertThatThrownBy(() -> means.open(pipe, "read-only=on")).isInstanceOf(IOException.class);
  }

  @Test
  void fileNameIsNeeded() {
    assertThatThrownBy(() -> FileNodes.open(OptionValues.empty(), OptionValues.empty()))
        .isInstanceOf(OptionException.class)
        .hasMessage("The 'file' block driver requires a file name");
  }

  @Test
  void nameThatTheHostCannotHaveIsRefused() {
    assertThatThrownBy(() -> FileNodes.create(folder, 0, ""))
        .hasMessage("Could not create '%s': Is a directory", folder);
    assertThatThrownBy(() -> new FileDriverProvider().create("a\0b", 0, OptionValues.empty()))
        .isInstanceOf(BlockIoException.class)
        .hasMessage("Could not open 'a\0b': Invalid argument");
  }

  @Test
  void nativeAioNeedsDirectIo() throws IOException {
    Path path = newFile(512);
    assertThatThrownBy(() -> FileNodes.open(path, "aio=native"))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "aio=native was specified, but it requires cache.direct=on, which was not specified.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"aio=io_uring", "aio=native,cache.direct=on"})
  void queuesOfTheKernelsNeedItsCalls(String options) throws IOException {
    Path path = newFile(512);
    assertThatThrownBy(() -> FileNodes.open(path, "native=off," + options))
        .hasMessageEndingWith("needs native=on, on Linux");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aio=threads",
        "locking=auto",
        "locking=on",
        "locking=off",
        "native=on",
        "native=off"
      })
  void whatWorksIsAccepted(String option) throws IOException {
    try (BlockNode node = FileNodes.open(newFile(512), option)) {
      assertThat(node.size()).isEqualTo(512);
    }
  }

  @Test
  void directAccessNeedsNativeCalls() throws IOException {
    Path path = newFile(512);
    assertThatThrownBy(() -> FileNodes.open(path, "native=off,cache.direct=on"))
        .isInstanceOf(OptionException.class)
        .hasMessage("cache.direct=on needs native=on, on Linux");
  }

  @ParameterizedTest
  @CsvSource({"DIRECT,true", "NATIVE,false"})
  void cacheDirectBypassesTheHostsPageCache(Means means, boolean direct) throws IOException {
    Path path = newFile(4096);
    try (BlockNode _ = means.open(path)) {
      assertThat(openFlags(path) & LibC.O_DIRECT).isEqualTo(direct ? LibC.O_DIRECT : 0);
      assertThat(openFlags(path) & LibC.O_CLOEXEC).isEqualTo(LibC.O_CLOEXEC);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"DIRECT", "NATIVE_AIO"},
      mode = Mode.EXCLUDE) // procfs has no direct I/O
  void fileThatCannotBeWrittenIsOpenedReadOnlyIfThatIsAllowed(Means means) throws IOException {
    Path path = Path.of("/proc/sys/kernel/osrelease"); // read-only for root, too
    assumeTrue(Files.exists(path), "no /proc/sys");
    assertThatThrownBy(() -> means.open(path))
        .hasMessage("Could not open '%s': Permission denied", path);
    try (BlockNode node = means.open(path, "auto-read-only=on")) {
      assertThat(node.readOnly()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void writableFileStaysWritableIfReadOnlyIsAllowed(Means means) throws IOException {
    try (BlockNode node = means.open(newFile(512), "auto-read-only=on")) {
      assertThat(node.readOnly()).isFalse();
    }
  }

  @Test
  void oneFileHasOneKeyWhateverItsPathAndTheMeans() throws IOException {
    Path path = newFile(512);
    Path link = Files.createLink(folder.resolve("link"), path);
    Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic"), path);
    Object key = keyOf(path, Means.NATIVE);
    for (Means means : Means.values()) {
      assertThat(keyOf(path, means)).isEqualTo(key);
      assertThat(keyOf(link, means)).isEqualTo(key);
      assertThat(keyOf(symbolic, means)).isEqualTo(key);
      assertThat(keyOf(newFile(512), means)).isNotEqualTo(key);
    }
  }

  @ParameterizedTest
  @EnumSource
  void emptyFileIsAnEmptyNode(Means means) throws IOException {
    try (GrowingNode node = means.open(newFile(0))) {
      assertThat(node.size()).isZero();
      node.read(0, new byte[0]);
      node.write(0, new byte[] {1});
      assertThat(node.size()).isEqualTo(1);
    }
  }

  @Test
  void creationEmptiesWhatIsThere() throws IOException {
    Path path = folder.resolve("disk");
    Files.write(path, new byte[] {1, 2, 3});
    FileNodes.create(path, 5, "");
    assertThat(Files.readAllBytes(path)).containsExactly(0, 0, 0, 0, 0);
  }

  @Test
  void refusedCreationLeavesWhatIsThere() throws IOException {
    Path path = folder.resolve("disk");
    Files.write(path, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> FileNodes.create(path, 5, "preallocation=metadata"))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("Unsupported preallocation mode: metadata");
    assertThat(Files.readAllBytes(path)).containsExactly(1, 2, 3);
  }

  @Test
  void onlyRegularFilesAreDeleted() throws IOException {
    Path file = newFile(512);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    FileDriverProvider files = new FileDriverProvider();
    files.delete(link.toString());
    files.delete(folder.toString());
    assertThat(link).exists();
    files.delete(file.toString());
    assertThat(file).doesNotExist();
    files.delete(file.toString());
  }

  private Path newFile(int sizeBytes) throws IOException {
    Path path = Files.createTempFile(folder, "disk", null);
    return Files.write(path, new byte[sizeBytes]);
  }

  private static Object keyOf(Path path, Means means) throws IOException {
    try (BlockNode node = means.open(path)) {
      return ((HostBacked) node).fileKey();
    }
  }

  /** The flags with which this process holds a file open, as the kernel has them. */
  private static int openFlags(Path path) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      Path descriptor = descriptors.filter(link -> pointsTo(link, path)).findFirst().orElseThrow();
      String info = Files.readString(Path.of("/proc/self/fdinfo/" + descriptor.getFileName()));
      String flags = info.lines().filter(line -> line.startsWith("flags:")).findFirst().get();
      return Integer.parseInt(flags.substring("flags:".length()).strip(), 8);
    }
  }

  private static boolean pointsTo(Path link, Path target) {
    try {
      return Files.readSymbolicLink(link).equals(target.toRealPath());
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  private static Process startOrSkip(String... command) {
    try {
      return new ProcessBuilder(command).start();
    } catch (IOException e) {
      assumeTrue(false, command[0] + " is not installed");
      throw new AssertionError(e);
    }
  }
}

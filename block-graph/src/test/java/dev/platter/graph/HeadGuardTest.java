package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Disks that are taken for raw by looking at them. */
class HeadGuardTest {
  private static final byte[] MAGIC = {'T', 'O', 'Y', '!'};

  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createDisk() {
    test.files.put("/disk", new byte[8192]);
  }

  @AfterEach
  void close() throws IOException {
    test.close();
  }

  @Test
  void probedRawDiskIsWarnedAbout() throws IOException {
    test.open(TestGraph.probed("/disk"));
    assertThat(test.warnings())
        .singleElement()
        .asString()
        .startsWith("Image format was not specified for '/disk' and probing guessed raw.");
  }

  @Test
  void namedFormatIsNotWarnedAboutAndNotRestricted() throws IOException {
    BlockNode disk = test.open(TestGraph.raw("/disk"));
    assertThatCode(() -> disk.write(0, MAGIC)).doesNotThrowAnyException();
    assertThat(test.warnings()).isEmpty();
  }

  @Test
  void probedRawDiskThatIsOnlyReadNeedsNoWarning() throws IOException {
    test.open(TestGraph.probed("/disk").with("read-only", "on"));
    assertThat(test.warnings()).isEmpty();
  }

  @Test
  void headOfAnotherFormatIsRefusedAndNothingIsWritten() throws IOException {
    BlockNode disk = test.open(TestGraph.probed("/disk"));
    byte[] sectors = new byte[4096];
    System.arraycopy(MAGIC, 0, sectors, 0, 4);
    assertThatThrownBy(() -> disk.write(0, sectors))
        .isInstanceOfSatisfying(
            BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM))
        .hasMessageContaining("look like format 'toy'")
        .hasMessageContaining("format=raw");
    assertThat(test.files.get("/disk").bytes()).containsOnly(0);
  }

  @Test
  void headThatIsMadeInPiecesIsRefusedAtTheLastPiece() throws IOException {
    BlockNode disk = test.open(TestGraph.probed("/disk"));
    disk.write(1, new byte[] {'O', 'Y', '!'});
    MemorySegment first = MemorySegment.ofArray(new byte[] {'T'});
    assertThatThrownBy(() -> disk.write(0, IoVector.of(first)))
        .isInstanceOf(BlockIoException.class);
    assertThat(test.files.get("/disk").bytes()[0]).isZero();
  }

  @Test
  void memoryThatChangesAfterItWasLookedAtDoesNotReachTheHead() throws IOException {
    BlockNode disk = test.open(TestGraph.probed("/disk"));
    byte[] sectors = new byte[4096];
    java.util.Arrays.fill(sectors, (byte) 7);
    test.toy.afterProbe = () -> System.arraycopy(MAGIC, 0, sectors, 0, 4);
    disk.write(0, IoVector.of(MemorySegment.ofArray(sectors)));
    assertThat(sectors).startsWith(MAGIC);
    byte[] written = test.files.get("/disk").bytes();
    assertThat(java.util.Arrays.copyOf(written, 4096)).containsOnly(7);
    assertThat(java.util.Arrays.copyOfRange(written, 4096, 8192)).containsOnly(0);
  }

  @Test
  void otherWritesGoThrough() throws IOException {
    BlockNode disk = test.open(TestGraph.probed("/disk"));
    disk.write(0, new byte[] {1, 2, 3});
    disk.write(2040, MAGIC);
    disk.write(4096, MAGIC);
    disk.writeZeroes(0, 8192, ZeroMode.MAY_UNMAP);
    disk.discard(0, 8192);
    assertThat(test.files.get("/disk").bytes()).containsOnly(0);
  }

  @Test
  void probedBackingFileIsWarnedAbout() throws IOException {
    test.graph.create(
        new CreateRequest(
            "toy",
            "/top",
            java.util.OptionalLong.of(8192),
            java.util.Optional.of(
                new dev.platter.api.BackingReference("/disk", java.util.Optional.of(""))),
            java.util.Map.of(),
            false));
    FormatNode top = test.open(TestGraph.toy("/top"));
    assertThat(((FormatNode) top.backing().orElseThrow()).driverName()).isEqualTo("raw");
    assertThat(test.warnings())
        .singleElement()
        .asString()
        .contains("backing file '/disk' has no format given");
  }
}

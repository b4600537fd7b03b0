package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.GrowingNode;
import dev.platter.api.OffloadingNode;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.file.FileNodes.Means;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The host copies from file to file, past this program's memory. */
class HostFileCopyTest {
  private static final byte[] CONTENT = Seeds.bytes(new SplittableRandom(1), 300_000);

  @TempDir Path folder;
  private Path from;
  private Path to;

  @BeforeEach
  void fill() throws IOException {
    from = Files.write(folder.resolve("from"), CONTENT);
    to = Files.write(folder.resolve("to"), new byte[10_000]);
  }

  @Test
  void bytesOfAnotherFileLieWhereTheyWereCopiedTo() throws IOException {
    try (GrowingNode source = Means.NATIVE.open(from, "read-only=on");
        GrowingNode target = Means.NATIVE.open(to)) {
      copy(target, 100, source, 777, 200_001);

      assertThat(target.size()).isEqualTo(200_101);
    }
    assertThat(Files.readAllBytes(to))
        .startsWith(new byte[100])
        .endsWith(Arrays.copyOfRange(CONTENT, 777, 200_778));
  }

  @ParameterizedTest
  @EnumSource(names = {"DIRECT", "CHANNEL"})
  void fileReachedOtherwiseIsNotCopiedByTheHost(Means means) throws IOException {
    try (GrowingNode source = means.open(from, "read-only=on");
        GrowingNode target = Means.NATIVE.open(to)) {
      assertThatThrownBy(() -> copy(target, 0, source, 0, 512))
          .isInstanceOf(UnsupportedFeatureException.class);
      assertThatThrownBy(() -> copy(target, 0, target, 4096, 512))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void copyKeepsToTheRulesOfAWrite() throws IOException {
    try (GrowingNode source = Means.NATIVE.open(from, "read-only=on");
        GrowingNode target = Means.NATIVE.open(to)) {
      assertThatThrownBy(() -> copy(source, 0, target, 0, 512))
          .isInstanceOf(ReadOnlyNodeException.class);
      assertThatThrownBy(() -> copy(target, 0, source, CONTENT.length - 1, 2))
          .isInstanceOf(OutOfRangeException.class);
    }
    assertThat(Files.readAllBytes(to)).isEqualTo(new byte[10_000]);
  }

  @Test
  void closedFileIsNeitherCopiedNorCopiedTo() throws IOException {
    GrowingNode closed = Means.NATIVE.open(from);
    closed.close();
    try (GrowingNode other = Means.NATIVE.open(to)) {
      assertThatThrownBy(() -> copy(other, 0, closed, 0, 512))
          .isInstanceOf(UnsupportedFeatureException.class);
      assertThatThrownBy(() -> copy(closed, 0, other, 0, 512))
          .isInstanceOf(NodeClosedException.class);
    }
  }

  private static void copy(
      GrowingNode target, long offset, GrowingNode source, long sourceOffset, long length)
      throws IOException {
    ((OffloadingNode) target).copyFrom(offset, source, sourceOffset, length);
  }
}

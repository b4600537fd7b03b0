package dev.platter.file;

import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.HostBacked;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.file.FileNodes.Means;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Space: where it is, where it is not, and how it comes and goes. */
class HostFileHolesTest {
  private static final int UNIT = 64 * 1024;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void fileSystemMustHaveHoles() throws IOException {
    path = folder.resolve("disk");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(UNIT);
    }
    try (BlockNode node = FileNodes.open(path, "read-only=on")) {
      assumeTrue(node.extent(0, UNIT).zero(), "no holes: this file system does not show them");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void anExtentIsNeverEmptyWhileHolesComeAndGo(Means means) throws Exception {
    try (GrowingNode node = means.open(path);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<Void> holes =
          other.submit(
              () -> {
                for (int i = 0; i < 300; i++) {
                  node.write(0, ones(UNIT));
                  node.discard(0, UNIT);
                }
                return null;
              });
      while (!holes.isDone()) {
        assertThat(node.extent(0, UNIT).length()).isPositive();
      }
      holes.get();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void extentsFollowDataAndHoles(Means means) throws IOException {
    try (GrowingNode node = means.open(path)) {
      node.resize(8 * UNIT, Preallocation.OFF);
      node.write(2 * UNIT, ones(UNIT));
      node.write(5 * UNIT, ones(2 * UNIT));
      assertThat(map(node)).containsExactly("hole 2", "data 1", "hole 2", "data 2", "hole 1");
      Extent middle = node.extent(5 * UNIT + 100, 50);
      assertThat(middle)
          .isEqualTo(Extent.data(5 * UNIT + 100, 50, 5 * UNIT + 100, path.toString()));
    }
  }

  @Test
  void channelsKnowOfNoHoles() throws IOException {
    try (GrowingNode node = Means.CHANNEL.open(path)) {
      assertThat(map(node)).containsExactly("data 1");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void zeroWriteThatMayUnmapMakesAHole(Means means) throws IOException {
    try (GrowingNode node = filled(means, "discard=unmap")) {
      node.writeZeroes(UNIT, 2 * UNIT, ZeroMode.MAY_UNMAP);
      assertThat(map(node)).containsExactly("data 1", "hole 2", "data 1");
      assertThat(allocatedBytes(node)).isLessThan(4 * UNIT);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void zeroWriteThatMayNotUnmapKeepsTheSpace(Means means) throws IOException {
    try (GrowingNode node = filled(means, "discard=unmap")) {
      node.writeZeroes(UNIT, 2 * UNIT, ZeroMode.KEEP_ALLOCATED);
      assertThat(allocatedBytes(node)).isGreaterThanOrEqualTo(4 * UNIT);
      assertThat(bytes(node, UNIT, 2 * UNIT)).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void discardFreesTheSpaceUnlessToldNotTo(Means means) throws IOException {
    try (GrowingNode node = filled(means, "cache.no-flush=off")) {
      node.discard(UNIT, UNIT);
      assertThat(map(node)).containsExactly("data 1", "hole 1", "data 2");
    }
    try (GrowingNode node = filled(means, "discard=ignore")) {
      node.discard(UNIT, UNIT);
      node.writeZeroes(3 * UNIT, UNIT, ZeroMode.MAY_UNMAP);
      assertThat(allocatedBytes(node)).isGreaterThanOrEqualTo(4 * UNIT);
      assertThat(bytes(node, UNIT, UNIT)).containsOnly(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void zeroWriteBeyondTheEndGrowsTheFile(Means means) throws IOException {
    try (GrowingNode node = filled(means, "discard=unmap")) {
      node.writeZeroes(3 * UNIT + 10, 2 * UNIT, ZeroMode.MAY_UNMAP);
      assertThat(node.size()).isEqualTo(5 * UNIT + 10);
      node.writeZeroes(7 * UNIT, UNIT, ZeroMode.KEEP_ALLOCATED);
      assertThat(node.size()).isEqualTo(8 * UNIT);
      assertThat(bytes(node, 3 * UNIT, 10)).containsOnly(1);
      assertThat(bytes(node, 3 * UNIT + 10, 5 * UNIT - 10)).containsOnly(0);
    }
    assertThat(Files.size(path)).isEqualTo(8 * UNIT);
  }

  @ParameterizedTest
  @EnumSource(names = "METADATA", mode = Mode.EXCLUDE)
  void creationReservesWhatWasAskedFor(Preallocation preallocation) throws IOException {
    FileNodes.create(path, 16 * UNIT, "preallocation=" + preallocation.name().toLowerCase(ROOT));
    try (GrowingNode node = Means.NATIVE.open(path)) {
      assertThat(allocatedBytes(node) >= 16 * UNIT).isEqualTo(preallocation != Preallocation.OFF);
      assertThat(bytes(node, 0, 16 * UNIT)).containsOnly(0);
    }
  }

  @Test
  void newFileHasItsFirstBlockAndNoMore() throws IOException {
    FileNodes.create(path, UNIT, "preallocation=off");
    try (GrowingNode node = Means.NATIVE.open(path)) {
      assertThat(map(node)).containsExactly("data 0.0625", "hole 0.9375");
    }
    FileNodes.create(path, 1, "preallocation=off");
    assertThat(Files.size(path)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = "CHANNEL", mode = Mode.EXCLUDE)
  void growthReservesWhatWasAskedFor(Means means) throws IOException {
    try (GrowingNode node = means.open(path)) {
      node.resize(5 * UNIT, Preallocation.FALLOC);
      assertThat(allocatedBytes(node)).isGreaterThanOrEqualTo(4 * UNIT);
      node.resize(6 * UNIT, Preallocation.FULL);
      assertThat(map(node)).last().isEqualTo("data 1");
      assertThatThrownBy(() -> node.resize(UNIT, Preallocation.FULL))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessage("Preallocation can't be used for shrinking files");
      assertThat(node.size()).isEqualTo(6 * UNIT);
    }
  }

  @Test
  void growthWhoseSpaceCannotBePromisedIsTakenBack() throws IOException {
    try (GrowingNode node = Means.CHANNEL.open(path)) {
      assertThatThrownBy(() -> node.resize(2 * UNIT, Preallocation.FALLOC))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessage("Could not preallocate data for the new file: Operation not supported");
      assertThat(node.size()).isEqualTo(UNIT);
    }
    assertThat(Files.size(path)).isEqualTo(UNIT);
  }

  private GrowingNode filled(Means means, String options) throws IOException {
    GrowingNode node = means.open(path, options);
    node.resize(0, Preallocation.OFF);
    node.write(0, ones(4 * UNIT));
    node.flush(); // until then, the host may count less than it will use
    return node;
  }

  private static List<String> map(BlockNode node) throws IOException {
    List<String> extents = new ArrayList<>();
    for (long at = 0; at < node.size(); ) {
      Extent extent = node.extent(at, node.size() - at);
      assertThat(extent.present()).isTrue();
      assertThat(extent.data()).isNotEqualTo(extent.zero());
      assertThat(extent.hostOffset()).hasValue(at);
      extents.add((extent.data() ? "data " : "hole ") + extent.length() / (double) UNIT);
      at += extent.length();
    }
    return extents.stream().map(text -> text.replaceFirst("\\.0$", "")).toList();
  }

  private static long allocatedBytes(BlockNode node) throws IOException {
    return ((HostBacked) node).allocatedBytes();
  }

  private static byte[] ones(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 1);
    return bytes;
  }

  private static byte[] bytes(BlockNode node, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    node.read(offset, bytes);
    return bytes;
  }
}

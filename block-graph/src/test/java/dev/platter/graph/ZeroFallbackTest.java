package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Zeros on a disk whose format cannot say that a cluster is zeros. */
class ZeroFallbackTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();

  @AfterEach
  void close() throws IOException {
    test.close();
  }

  @ParameterizedTest
  @EnumSource(ZeroMode.class)
  void clustersAreLetGoOfWhereNothingLiesBelow(ZeroMode mode) throws IOException {
    create(Optional.empty());
    FormatNode disk = test.open(TestGraph.toy("/disk"));
    zeroTheMiddle(disk, mode);
    assertThat(disk.driver().map(CLUSTER, CLUSTER)).isInstanceOf(Mapping.Backing.class);
  }

  @ParameterizedTest
  @EnumSource(ZeroMode.class)
  void zerosAreWrittenOverABackingFile(ZeroMode mode) throws IOException {
    test.createToy("/base", 3 * CLUSTER);
    try (BlockNode base = test.open(TestGraph.toy("/base"))) {
      base.write(0, filled(3 * CLUSTER, 9));
    }
    create(Optional.of(new BackingReference("/base", Optional.of("toy"))));
    FormatNode disk = test.open(TestGraph.toy("/disk"));
    zeroTheMiddle(disk, mode);
    assertThat(disk.driver().map(CLUSTER, CLUSTER)).isInstanceOf(Mapping.Data.class);
  }

  private void zeroTheMiddle(FormatNode disk, ZeroMode mode) throws IOException {
    disk.write(0, filled(3 * CLUSTER, 1));
    disk.writeZeroes(CLUSTER, CLUSTER, mode);
    byte[] found = new byte[3 * CLUSTER];
    disk.read(0, found);
    byte[] expected = filled(3 * CLUSTER, 1);
    Arrays.fill(expected, CLUSTER, 2 * CLUSTER, (byte) 0);
    assertThat(found).isEqualTo(expected);
  }

  private void create(Optional<BackingReference> backing) throws IOException {
    test.graph.create(
        new CreateRequest("toy", "/disk", OptionalLong.of(3 * CLUSTER), backing, Map.of(), false)
            .with("zeroes", "off"));
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}

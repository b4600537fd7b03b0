package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Extent;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PopulateTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createChain() throws IOException {
    test.createToy("/base", 3L * CLUSTER);
    try (FormatNode base = test.open(TestGraph.toy("/base"))) {
      byte[] bytes = new byte[2 * CLUSTER];
      Arrays.fill(bytes, (byte) 7);
      base.write(0, bytes);
    }
    test.createToy("/top", 5L * CLUSTER, "/base", "toy");
  }

  @AfterEach
  void close() throws IOException {
    test.close();
  }

  @Test
  void wholeUnitsAreTakenOver() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top"));

    top.populate(CLUSTER + 10, 1);

    assertThat(holds(top, 0)).isFalse();
    assertThat(holds(top, 1)).isTrue();
    assertThat(first(top, 1)).isEqualTo((byte) 7);
  }

  @Test
  void zerosAreHeldAsWell() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top"));

    top.populate(2L * CLUSTER, 3L * CLUSTER);

    assertThat(holds(top, 2)).isTrue();
    assertThat(holds(top, 4)).isTrue();
    assertThat(first(top, 4)).isZero();
  }

  @Test
  void whatIsHeldStaysAsItIs() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top"));
    top.write(CLUSTER, new byte[] {1});

    top.populate(0, 2L * CLUSTER);

    assertThat(first(top, 0)).isEqualTo((byte) 7);
    assertThat(first(top, 1)).isEqualTo((byte) 1);
  }

  @Test
  void readOnlyImageIsLeftAlone() throws IOException {
    FormatNode top = test.open(TestGraph.toy("/top").with("read-only", "on"));

    top.populate(0, CLUSTER);

    assertThat(holds(top, 0)).isFalse();
  }

  private static boolean holds(FormatNode node, int cluster) throws IOException {
    Extent extent = node.extent((long) cluster * CLUSTER, CLUSTER);
    return extent.present() && extent.depth() == 0;
  }

  private static byte first(FormatNode node, int cluster) throws IOException {
    byte[] bytes = new byte[1];
    node.read((long) cluster * CLUSTER, bytes);
    return bytes[0];
  }
}

package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CopyOnReadNode;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Which layer of a chain holds what, in a chain with filters in it: each image writes a cluster.
 */
class ChainExtentTest {
  private static final int CLUSTER = TestGraph.CLUSTER;
  private static final int IMAGES = 4;

  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createChain() throws IOException {
    test.createToy("/0", (long) IMAGES * CLUSTER);
    for (int i = 1; i < IMAGES; i++) {
      test.createToy("/" + i, (long) IMAGES * CLUSTER, "/" + (i - 1), "toy");
    }
    for (int i = 0; i < IMAGES; i++) {
      try (FormatNode image = test.open(TestGraph.toy("/" + i))) {
        image.write((long) i * CLUSTER, new byte[] {1});
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    test.close();
  }

  /** The images from an index down to 0, with a filter above those that {@code filtered} names. */
  private static NodeSpec chain(int index, String filtered) {
    NodeSpec image = TestGraph.toy("/" + index);
    if (index > 0) {
      image = image.withChild("backing", chain(index - 1, filtered));
    }
    return filtered.contains("" + index) ? NodeSpec.of("pass").withChild("file", image) : image;
  }

  private FormatNode open(String filtered) throws IOException {
    return test.open(chain(IMAGES - 1, filtered));
  }

  private static int[] depths(FormatNode top) throws IOException {
    int[] depths = new int[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      depths[i] = top.extent((long) i * CLUSTER, CLUSTER).depth();
    }
    return depths;
  }

  @Test
  void filtersAreNoLayers() throws IOException {
    for (String filtered : new String[] {"", "2", "1", "0", "12", "012", "02"}) {
      try (FormatNode top = open(filtered)) {
        assertThat(depths(top)).as("filters above %s", filtered).containsExactly(3, 2, 1, 0);
      }
    }
  }

  @Test
  void copyOnReadStopsAtItsBottomBelowAFilter() throws IOException {
    try (FormatNode top = open("2");
        CopyOnReadNode copying = new CopyOnReadNode("copying", top, 2)) {
      copying.read(0, new byte[IMAGES * CLUSTER]);

      assertThat(depths(top)).containsExactly(3, 0, 0, 0);
    }
  }
}

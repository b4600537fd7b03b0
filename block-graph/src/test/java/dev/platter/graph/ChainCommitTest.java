package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChainCommitTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void baseReadsAsTheChainDid() throws IOException {
    chain("/base", "AAAA", "/mid", "-B--", "/top", "--C-");
    commit("/top", 2);
    assertThat(drawn("/base")).isEqualTo("ABCA");
  }

  @Test
  void backingFileTakesWhatTheTopHoldsAndNoMore() throws IOException {
    chain("/base", "AAAA", "/mid", "-B--", "/top", "--C-");
    commit("/top", 1);
    assertThat(drawn("/base")).isEqualTo("AAAA");
    assertThat(drawn("/mid")).isEqualTo("ABCA");
  }

  @Test
  void zerosAreCommitted() throws IOException {
    chain("/base", "AAAA", "/top", "----");
    try (FormatNode top = test.open(TestGraph.toy("/top"))) {
      top.writeZeroes(CLUSTER, 2L * CLUSTER, ZeroMode.MAY_UNMAP);
    }
    commit("/top", 1);
    assertThat(drawn("/base")).isEqualTo("A..A");
  }

  @Test
  void zerosBehindTheEndOfAShorterLayerAreCommitted() throws IOException {
    chain("/base", "AAAA", "/mid", "B-", "/top", "---C");
    commit("/top", 2);
    assertThat(drawn("/base")).isEqualTo("BA.C");
  }

  @Test
  void largerBaseStaysLarge() throws IOException {
    chain("/base", "AAAA", "/top", "-B");
    commit("/top", 1);
    assertThat(drawn("/base")).isEqualTo("ABAA");
  }

  @Test
  void progressEndsWithAllOfIt() throws IOException {
    chain("/base", "AAAA", "/top", "-B-B");
    List<Long> seen = new ArrayList<>();
    FormatNode top = test.open(TestGraph.toy("/top"));
    try (ChainCommit commit = ChainCommit.of(test.graph, top, layer(top, 1))) {
      commit.run((done, total) -> seen.add(done));
      assertThat(seen).isSorted().endsWith(4L * CLUSTER).doesNotHaveDuplicates();
      assertThatThrownBy(commit::emptyTop).isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void baseMustLieBelow() throws IOException {
    chain("/base", "AAAA", "/top", "-B--");
    FormatNode top = test.open(TestGraph.toy("/top"));
    assertThatThrownBy(() -> ChainCommit.of(test.graph, top, top))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void commit(String name, int depth) throws IOException {
    FormatNode top = test.open(TestGraph.toy(name));
    try (ChainCommit commit = ChainCommit.of(test.graph, top, layer(top, depth))) {
      commit.run(JobProgress.NONE);
    }
  }

  private FormatNode layer(FormatNode top, int depth) {
    return (FormatNode) test.graph.chainOf(top).get(depth);
  }

  /** Images from the base up, each a name and a letter for each cluster that it holds. */
  private void chain(String... namesAndDrawings) throws IOException {
    for (int i = 0; i < namesAndDrawings.length; i += 2) {
      String name = namesAndDrawings[i];
      String drawing = namesAndDrawings[i + 1];
      long size = (long) drawing.length() * CLUSTER;
      if (i == 0) {
        test.createToy(name, size);
      } else {
        test.createToy(name, size, namesAndDrawings[i - 2], "toy");
      }
      write(name, drawing);
    }
  }

  private void write(String name, String drawing) throws IOException {
    try (FormatNode node = test.open(TestGraph.toy(name))) {
      for (int i = 0; i < drawing.length(); i++) {
        if (Character.isLetter(drawing.charAt(i))) {
          byte[] bytes = new byte[CLUSTER];
          Arrays.fill(bytes, (byte) drawing.charAt(i));
          node.write((long) i * CLUSTER, bytes);
        }
      }
    }
  }

  private String drawn(String name) throws IOException {
    try (BlockNode node = test.open(TestGraph.toy(name).with("read-only", "on"))) {
      StringBuilder drawing = new StringBuilder();
      byte[] bytes = new byte[CLUSTER];
      for (long at = 0; at < node.size(); at += CLUSTER) {
        node.read(at, bytes);
        drawing.append(bytes[0] == 0 ? '.' : (char) bytes[0]);
      }
      return drawing.toString();
    }
  }
}

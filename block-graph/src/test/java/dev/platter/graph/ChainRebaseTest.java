package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChainRebaseTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();

  @AfterEach
  void close() throws IOException {
    test.close();
  }

  @Test
  void whatTheNewBackingFileDoesNotShowIsCopied() throws IOException {
    image("/old", "AAAA");
    image("/new", "ABA");
    test.createToy("/top", 5L * CLUSTER, "/old", "toy");
    FormatNode top = write("/top", "--C--");
    BlockNode next = test.open(TestGraph.toy("/new").with("read-only", "on"));

    new ChainRebase(test.graph, top, Optional.of(next)).copyDifferences(JobProgress.NONE);

    assertThat(held(top)).containsExactly(false, true, true, true, false);
    assertThat(drawn(top)).isEqualTo("AACA.");
  }

  @Test
  void whatLiesBelowBothIsNotCopied() throws IOException {
    image("/base", "AAAA");
    test.createToy("/mid", 4L * CLUSTER, "/base", "toy");
    write("/mid", "-B--").close();
    test.createToy("/top", 4L * CLUSTER, "/mid", "toy");
    FormatNode top = write("/top", "---C");
    BlockNode base = test.graph.chainOf(top).get(2);

    new ChainRebase(test.graph, top, Optional.of(base)).copyDifferences(JobProgress.NONE);

    assertThat(held(top)).containsExactly(false, true, false, true);
  }

  @Test
  void withoutABackingFileAllThatIsNotZeroIsCopied() throws IOException {
    image("/old", "A.B.");
    test.createToy("/top", 4L * CLUSTER, "/old", "toy");
    FormatNode top = write("/top", "----");

    new ChainRebase(test.graph, top, Optional.empty()).copyDifferences(JobProgress.NONE);

    assertThat(held(top)).containsExactly(true, false, true, false);
  }

  private void image(String name, String drawing) throws IOException {
    test.createToy(name, (long) drawing.length() * CLUSTER);
    write(name, drawing).close();
  }

  /** Writes a letter to each cluster that has one; {@code .} and {@code -} are left alone. */
  private FormatNode write(String name, String drawing) throws IOException {
    FormatNode node = test.open(TestGraph.toy(name));
    for (int i = 0; i < drawing.length(); i++) {
      if (Character.isLetter(drawing.charAt(i))) {
        byte[] bytes = new byte[CLUSTER];
        Arrays.fill(bytes, (byte) drawing.charAt(i));
        node.write((long) i * CLUSTER, bytes);
      }
    }
    return node;
  }

  private static String drawn(BlockNode node) throws IOException {
    StringBuilder drawing = new StringBuilder();
    byte[] bytes = new byte[CLUSTER];
    for (long at = 0; at < node.size(); at += CLUSTER) {
      node.read(at, bytes);
      drawing.append(bytes[0] == 0 ? '.' : (char) bytes[0]);
    }
    return drawing.toString();
  }

  private static List<Boolean> held(BlockNode node) throws IOException {
    Boolean[] held = new Boolean[(int) (node.size() / CLUSTER)];
    for (int i = 0; i < held.length; i++) {
      held[i] =
          node.extent((long) i * CLUSTER, CLUSTER).present()
              && node.extent((long) i * CLUSTER, CLUSTER).depth() == 0;
    }
    return List.of(held);
  }
}

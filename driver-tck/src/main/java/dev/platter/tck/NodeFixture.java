package dev.platter.tck;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.util.Set;

/** What a contract's tests ask of the class that inherits them. */
public interface NodeFixture {

  /** A new medium on which nodes have {@code size} bytes, all zeros. */
  Medium medium(long size) throws IOException;

  /**
   * A new medium on which nodes hold these bytes. Nodes that cannot be written override this; the
   * others are written to.
   *
   * @param content as many bytes as the nodes are to have
   */
  default Medium medium(byte[] content) throws IOException {
    Medium medium = medium(content.length);
    try (BlockNode node = medium.open()) {
      node.write(0, content);
    }
    return medium;
  }

  /** What the nodes can do. */
  Set<Capability> capabilities();

  /**
   * The size that most tests give their nodes, in bytes: a multiple of 512 and of no larger unit,
   * so that the last cluster is a short one. Larger than a few units of the format.
   */
  default int diskBytes() {
    return (1 << 20) + 3 * 512;
  }

  /** Skips the test, visibly, unless the nodes can do this. */
  default void needs(Capability capability) {
    assumeTrue(capabilities().contains(capability), capability.missing());
  }
}

package dev.platter.graph;

import dev.platter.tck.Capability;
import dev.platter.tck.Medium;
import dev.platter.tck.NodeContract;
import java.io.IOException;
import java.util.Set;

/** A format node on an overlay with clusters, over an empty backing file that is shorter. */
class FormatNodeContractTest extends NodeContract {
  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.GROW, Capability.SHRINK);
  }

  @Override
  public Medium medium(long size) throws IOException {
    TestGraph test = new TestGraph();
    test.createToy("base", size / 2);
    test.createToy("top", size, "/base", "toy");
    test.files.put("/base", test.files.get("base").bytes());
    return readOnly ->
        test.graph.openBackend(TestGraph.toy("top").with("read-only", readOnly ? "on" : "off"));
  }
}

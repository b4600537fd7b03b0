package dev.platter.tck.fake;

import dev.platter.tck.Capability;
import dev.platter.tck.Medium;
import dev.platter.tck.NodeContract;
import java.util.Set;

/** Wrappers without faults keep the contract of what they wrap. */
class WrappedNodeTest extends NodeContract {
  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.GROW, Capability.SHRINK);
  }

  @Override
  public Medium medium(long size) {
    MemoryNode memory = new MemoryNode("memory", size);
    return readOnly ->
        new RecordingNode(
            new FaultyNode(new HookedNode(readOnly ? memory.reopenReadOnly() : memory.reopen())));
  }
}

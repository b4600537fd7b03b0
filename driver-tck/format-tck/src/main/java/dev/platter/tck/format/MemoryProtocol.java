package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.ProtocolOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** A protocol whose files are memory nodes: how the kit's images get below a graph's nodes. */
final class MemoryProtocol implements ProtocolDriverProvider {
  private static final String NAME = "tck-memory";
  private static final Option<String> FILENAME =
      Option.text("filename").doc("The name of a memory node.").build();

  private record Disk(MemoryNode memory, UnaryOperator<BlockNode> wrapper) {}

  private final Map<String, Disk> disks = new ConcurrentHashMap<>();

  /**
   * Makes a memory node known.
   *
   * @param wrapper put around every node opened on it: faults, or a log
   * @return the node to name in a specification
   */
  NodeSpec add(String fileName, MemoryNode memory, UnaryOperator<BlockNode> wrapper) {
    disks.put(fileName, new Disk(memory, wrapper));
    return NodeSpec.of(NAME).with(FILENAME.name(), fileName);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Memory nodes of the conformance kit.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(FILENAME);
  }

  @Override
  public BlockNode open(ProtocolOpening opening) throws IOException {
    String fileName = opening.options().find(FILENAME).orElse("");
    Disk disk = disks.get(fileName);
    if (disk == null) {
      throw new BlockIoException(fileName, "open", Errno.ENOENT);
    }
    boolean readOnly = opening.generic().get(GenericOptions.READ_ONLY);
    return disk.wrapper().apply(disk.memory().reopen(opening.nodeName(), readOnly));
  }
}

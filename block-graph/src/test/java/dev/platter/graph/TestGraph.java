package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** A graph over files in memory, with a format that has clusters and one that has none. */
final class TestGraph implements AutoCloseable {
  static final int CLUSTER = 4096;

  final MemoryFiles files = new MemoryFiles();
  final ToyProvider toy = new ToyProvider();
  final List<BlockEvent> events = new CopyOnWriteArrayList<>();
  final BlockGraph graph;

  TestGraph() {
    this(Map.of(), Gates.defaultGate());
  }

  TestGraph(OpenGate gate) {
    this(Map.of(), gate);
  }

  TestGraph(Map<String, Map<String, OptionValue>> defaults) {
    this(defaults, Gates.defaultGate());
  }

  /** Caches of all images may hold so much together. */
  TestGraph(CacheBudget cacheBudget) {
    this(cacheBudget, IndexSize.USUAL);
  }

  /** The same, with an index of a size of its own for each chain. */
  TestGraph(CacheBudget cacheBudget, IndexSize indexSize) {
    this(Map.of(), Gates.defaultGate(), cacheBudget, indexSize);
  }

  private TestGraph(Map<String, Map<String, OptionValue>> defaults, OpenGate gate) {
    this(defaults, gate, CacheBudget.unlimited(), IndexSize.USUAL);
  }

  private TestGraph(
      Map<String, Map<String, OptionValue>> defaults,
      OpenGate gate,
      CacheBudget cacheBudget,
      IndexSize indexSize) {
    graph =
        BlockGraph.builder(DriverRegistry.of(files, toy, new FlatProvider(), new PassFilter()))
            .events(events::add)
            .driverDefaults(defaults)
            .gate(gate)
            .cacheBudget(cacheBudget)
            .indexSize(indexSize)
            .build();
  }

  /** Creates a toy image without a backing file. */
  void createToy(String fileName, long size) throws IOException {
    graph.create(CreateRequest.of("toy", fileName, size));
  }

  /** Creates a toy image on a backing file, of any size, without looking at the backing file. */
  void createToy(String fileName, long size, String backing, String format) throws IOException {
    graph.create(
        new CreateRequest(
            "toy",
            fileName,
            OptionalLong.of(size),
            Optional.of(new BackingReference(backing, Optional.of(format))),
            Map.of(),
            false));
  }

  /** A toy image, to be opened. */
  static NodeSpec toy(String fileName) {
    return NodeSpec.of("toy").with("discard", "unmap").withChild("file", NodeSpec.file(fileName));
  }

  static NodeSpec raw(String fileName) {
    return NodeSpec.of("raw").withChild("file", NodeSpec.file(fileName));
  }

  /** An image whose format is found by looking. */
  static NodeSpec probed(String fileName) {
    return NodeSpec.probed().withChild("file", NodeSpec.file(fileName));
  }

  FormatNode open(NodeSpec spec) throws IOException {
    return (FormatNode) graph.open(spec);
  }

  static ToyFormat format(BlockNode node) {
    return (ToyFormat) ((FormatNode) node).driver();
  }

  /** The messages of the warnings so far. */
  List<String> warnings() {
    return events.stream()
        .filter(event -> !(event instanceof BlockEvent.ImageCorrupted))
        .map(BlockEvent::message)
        .toList();
  }

  @Override
  public void close() throws IOException {
    graph.close();
  }
}

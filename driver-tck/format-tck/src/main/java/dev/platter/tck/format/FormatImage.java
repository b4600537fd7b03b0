package dev.platter.tck.format;

import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import dev.platter.tck.Medium;
import dev.platter.tck.fake.ManualClock;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.NamedSecrets;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * An image in memory, with the images below it, as a medium: each {@link #open} opens the chain in
 * a graph of its own.
 */
final class FormatImage implements Medium {
  private final FormatFixture fixture;
  private final MemoryNode file;
  private final UnaryOperator<BlockNode> wrapper;
  private final Optional<FormatImage> backing;
  private final boolean plain;

  /** An image without a backing file. */
  FormatImage(FormatFixture fixture, MemoryNode file) {
    this(fixture, file, UnaryOperator.identity(), Optional.empty(), false);
  }

  private FormatImage(
      FormatFixture fixture,
      MemoryNode file,
      UnaryOperator<BlockNode> wrapper,
      Optional<FormatImage> backing,
      boolean plain) {
    this.fixture = fixture;
    this.file = file;
    this.wrapper = wrapper;
    this.backing = backing;
    this.plain = plain;
  }

  /** Bytes without a format, to lie at the bottom of a chain. */
  static FormatImage plain(FormatFixture fixture, MemoryNode bytes) {
    return new FormatImage(fixture, bytes, UnaryOperator.identity(), Optional.empty(), true);
  }

  /** The same chain with another file at its top. */
  FormatImage on(MemoryNode otherFile) {
    return new FormatImage(fixture, otherFile, wrapper, backing, plain);
  }

  /** This image over another; what its header says does not matter. */
  FormatImage over(FormatImage below) {
    return new FormatImage(fixture, file, wrapper, Optional.of(below), plain);
  }

  /** This image with something around its file: faults, or a log. */
  FormatImage wrapped(UnaryOperator<BlockNode> newWrapper) {
    return new FormatImage(fixture, file, newWrapper, backing, plain);
  }

  /** The image's file, closed. */
  MemoryNode file() {
    return file;
  }

  /** The plain bytes that lie right below, if there are any. */
  Optional<MemoryNode> base() {
    return backing.filter(below -> below.plain).map(FormatImage::file);
  }

  @Override
  public BlockNode open(boolean readOnly) throws IOException {
    MemoryProtocol protocol = new MemoryProtocol();
    return graph(fixture, protocol).open(spec(protocol, "layer", readOnly));
  }

  /** A graph for images of this format, and for nothing else. */
  static BlockGraph graph(FormatFixture fixture, MemoryProtocol protocol) {
    return BlockGraph.builder(DriverRegistry.of(fixture.provider(), protocol))
        .clock(new ManualClock())
        .events(_ -> {})
        .secrets(NamedSecrets.INSTANCE)
        .build();
  }

  /**
   * How to open the chain.
   *
   * @param protocol learns the files
   * @param fileName begins the names of the files, which must be unique there
   */
  NodeSpec spec(MemoryProtocol protocol, String fileName, boolean readOnly) {
    return spec(protocol, fileName, 0).with(GenericOptions.READ_ONLY.name(), flag(readOnly));
  }

  @Override
  public void check() throws IOException {
    if (!plain) {
      fixture.checkImage(file, false);
    }
  }

  private NodeSpec spec(MemoryProtocol protocol, String fileName, int depth) {
    NodeSpec bytes = protocol.add(fileName + depth, file, wrapper);
    if (plain) {
      return bytes;
    }
    NodeSpec spec =
        NodeSpec.of(fixture.provider().name())
            .with(GenericOptions.DISCARD.name(), "unmap")
            .withChild("file", bytes);
    for (Map.Entry<String, String> option : fixture.openOptions().entrySet()) {
      spec = spec.with(option.getKey(), option.getValue());
    }
    if (backing.isPresent()) {
      return spec.withChild("backing", backing.get().spec(protocol, fileName, depth + 1));
    }
    return fixture.provider().childRoles().contains("backing")
        ? spec.withChild("backing", new ChildSpec.None())
        : spec;
  }

  private static OptionValue flag(boolean value) {
    return OptionValue.of(value);
  }
}

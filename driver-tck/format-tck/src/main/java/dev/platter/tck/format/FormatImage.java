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
import java.util.ArrayList;
import java.util.List;
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
  private final Optional<DataFile> data;
  private final Optional<FormatImage> backing;
  private final boolean plain;

  /** An external data file, and what is put around it. */
  private record DataFile(MemoryNode file, UnaryOperator<BlockNode> wrapper) {}

  /** An image without a backing file. */
  FormatImage(FormatFixture fixture, MemoryNode file) {
    this(fixture, file, UnaryOperator.identity(), Optional.empty(), Optional.empty(), false);
  }

  private FormatImage(
      FormatFixture fixture,
      MemoryNode file,
      UnaryOperator<BlockNode> wrapper,
      Optional<DataFile> data,
      Optional<FormatImage> backing,
      boolean plain) {
    this.fixture = fixture;
    this.file = file;
    this.wrapper = wrapper;
    this.data = data;
    this.backing = backing;
    this.plain = plain;
  }

  /** Bytes without a format, to lie at the bottom of a chain. */
  static FormatImage plain(FormatFixture fixture, MemoryNode bytes) {
    return new FormatImage(
        fixture, bytes, UnaryOperator.identity(), Optional.empty(), Optional.empty(), true);
  }

  /** A new image of zeros, with an external data file if the fixture's images have one. */
  static FormatImage created(FormatFixture fixture, long size) throws IOException {
    Optional<String> role = fixture.dataFileRole();
    if (role.isEmpty()) {
      return new FormatImage(fixture, fixture.image(size, Optional.empty()));
    }
    MemoryNode file = new MemoryNode("image");
    MemoryNode data = new MemoryNode("data");
    fixture.create(file, Map.of(role.get(), data), size, Optional.empty());
    return new FormatImage(fixture, file).with(data);
  }

  /** The same chain with another file at its top. */
  FormatImage on(MemoryNode otherFile) {
    return new FormatImage(fixture, otherFile, wrapper, data, backing, plain);
  }

  /** The same chain with other files at its top, as many as {@link #files} has. */
  FormatImage on(List<MemoryNode> files) {
    FormatImage image = on(files.getFirst());
    return data.isPresent() ? image.with(files.get(1)) : image;
  }

  /** The same chain on copies of the files at its top. */
  FormatImage copy() {
    return on(files().stream().map(MemoryNode::copy).toList());
  }

  private FormatImage with(MemoryNode dataFile) {
    DataFile other = new DataFile(dataFile, UnaryOperator.identity());
    return new FormatImage(fixture, file, wrapper, Optional.of(other), backing, plain);
  }

  /** This image over another; what its header says does not matter. */
  FormatImage over(FormatImage below) {
    return new FormatImage(fixture, file, wrapper, data, Optional.of(below), plain);
  }

  /** This image with something around its file: faults, or a log. */
  FormatImage wrapped(UnaryOperator<BlockNode> newWrapper) {
    return new FormatImage(fixture, file, newWrapper, data, backing, plain);
  }

  /** This image with something around its external data file, if it has one. */
  FormatImage withDataWrapped(UnaryOperator<BlockNode> newWrapper) {
    Optional<DataFile> wrapped = data.map(old -> new DataFile(old.file(), newWrapper));
    return new FormatImage(fixture, file, wrapper, wrapped, backing, plain);
  }

  /** The image's file, closed. */
  MemoryNode file() {
    return file;
  }

  /** The image's file, and its external data file if it has one. */
  List<MemoryNode> files() {
    List<MemoryNode> files = new ArrayList<>(List.of(file));
    data.ifPresent(external -> files.add(external.file()));
    return files;
  }

  /** The plain bytes at the bottom of the chain, if there are any. */
  Optional<MemoryNode> base() {
    return plain ? Optional.of(file) : backing.flatMap(FormatImage::base);
  }

  /** The files of the images that lie below, from the lowest up; not the plain bytes. */
  List<MemoryNode> imagesBelow() {
    List<MemoryNode> images = new ArrayList<>();
    for (Optional<FormatImage> at = backing; at.isPresent(); at = at.get().backing) {
      if (!at.get().plain) {
        images.addFirst(at.get().file);
      }
    }
    return images;
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
    if (data.isPresent()) {
      DataFile external = data.get();
      spec =
          spec.withChild(
              fixture.dataFileRole().orElseThrow(),
              protocol.add(fileName + depth + ".data", external.file(), external.wrapper()));
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

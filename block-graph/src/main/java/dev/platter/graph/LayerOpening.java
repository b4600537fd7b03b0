package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ReadFence;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Optional;

/** What a format driver is given, by the graph. */
record LayerOpening(
    String nodeName,
    BlockNode file,
    String imageName,
    boolean readOnly,
    boolean movesData,
    OptionValues options,
    ReadFence readFence,
    DriverEnvironment environment,
    ChildOpener children)
    implements FormatOpening {

  /** Opens the further files of an image. */
  @FunctionalInterface
  interface ChildOpener {
    Optional<BlockNode> open(String role, Optional<String> nameInImage) throws IOException;
  }

  /** The same opening with other options. */
  LayerOpening with(OptionValues values) {
    return new LayerOpening(
        nodeName, file, imageName, readOnly, movesData, values, readFence, environment, children);
  }

  @Override
  public Optional<BlockNode> openChild(String role, Optional<String> nameInImage)
      throws IOException {
    return children.open(role, nameInImage);
  }
}

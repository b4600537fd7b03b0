package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Optional;

/** What a format driver is given to open an image. */
public interface FormatOpening {

  /** The node that holds the image's bytes. Borrowed: the driver never closes it. */
  BlockNode file();

  /** The name of the node that the image becomes, for events. */
  String nodeName();

  /** The image's name for messages: the file's name as the user gave it. */
  String imageName();

  /** Whether the image is opened read-only; if so, nothing may be written to any node. */
  boolean readOnly();

  /**
   * Whether guest bytes may be read or written. If not, the image is only looked at: an encrypted
   * one needs no key, and only what needs no key is asked of it.
   */
  default boolean movesData() {
    return true;
  }

  /** Values of the driver's own options. */
  OptionValues options();

  /**
   * Opens another file that the image consists of, such as an external data file.
   *
   * @param role the child's role, as option strings name it: {@code data-file}
   * @param nameInImage the name that the image gives; it passes the {@link OpenGate} unless the
   *     user's options name the child
   * @return the node, borrowed; empty if neither the options nor the image name one
   */
  Optional<BlockNode> openChild(String role, Optional<String> nameInImage) throws IOException;

  /** Tells when mappings that were handed out are no longer used. */
  ReadFence readFence();

  /** Clock, events and policy. */
  DriverEnvironment environment();
}

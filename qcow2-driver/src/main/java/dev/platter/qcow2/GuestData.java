package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.util.Optional;

/**
 * Where an image's guest data lies: among its metadata, or in an external data file, each byte at
 * its guest offset (specification: "External data file").
 *
 * @param node the image's file, or the external data file; borrowed
 * @param external whether it is a file of its own
 * @param raw whether the external file reads as the guest's disk does, so that zeros are written to
 *     it as well
 */
record GuestData(BlockNode node, boolean external, boolean raw) {
  /** The child's role, as option strings name it. */
  static final String ROLE = "data-file";

  /** Guest data among the metadata. */
  static GuestData within(BlockNode file) {
    return new GuestData(file, false, false);
  }

  /**
   * Finds an image's guest data: the user's option goes before the name in the image.
   *
   * @throws ImageFormatException if the image needs a data file and has none, or has one and needs
   *     none
   */
  static GuestData open(FormatOpening opening, Qcow2Header header) throws IOException {
    FeatureBits features = header.features();
    if (!opening.movesData()) {
      return within(opening.file());
    }
    Optional<String> nameInImage =
        features.dataFile()
            ? header
                .extension(HeaderExtension.DataFile.class)
                .map(HeaderExtension.DataFile::fileName)
            : Optional.empty();
    Optional<BlockNode> child = opening.openChild(ROLE, nameInImage);
    if (features.dataFile() && child.isEmpty()) {
      throw new ImageFormatException(opening.imageName(), "'data-file' is required for this image");
    }
    if (!features.dataFile() && child.isPresent()) {
      throw new ImageFormatException(
          opening.imageName(), "'data-file' can only be set for images with an external data file");
    }
    if (child.isPresent() && child.get().readOnly() && !opening.readOnly()) {
      throw new ReadOnlyNodeException(child.get().name(), "open the image with read-only=on");
    }
    return child.isPresent()
        ? new GuestData(child.get(), true, features.dataFileRaw())
        : within(opening.file());
  }

  /** Whether space at a host offset reads as zeros because the file ends before it. */
  boolean endsBefore(long hostOffset) {
    return hostOffset >= node.size();
  }

  /** Makes bytes of an external file zeros; what is behind its end is that already. */
  void zero(long offset, long length, ZeroMode mode) throws IOException {
    long end = Math.min(offset + length, node.size());
    if (offset < end) {
      node.writeZeroes(offset, end - offset, mode);
    }
  }

  /** Frees the host's space of bytes of an external file. */
  void discard(long offset, long length) throws IOException {
    long end = Math.min(offset + length, node.size());
    if (offset < end) {
      node.discard(offset, end - offset);
    }
  }
}

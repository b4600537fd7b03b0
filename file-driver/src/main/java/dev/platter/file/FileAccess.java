package dev.platter.file;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How a host file is to be opened.
 *
 * @param fileName the name as it was given, for messages
 * @param path the same as a path
 * @param writable whether it is opened for writing
 * @param direct whether the host's page cache is bypassed
 * @param nativeCalls whether the C library is called; otherwise Java's channels are used
 * @param aio by which of its means bytes are moved
 */
record FileAccess(
    String fileName,
    Path path,
    boolean writable,
    boolean direct,
    boolean nativeCalls,
    FileOptions.Aio aio) {

  /** Opens an existing file. */
  OpenFile open() throws IOException {
    requireDirectPossible();
    return nativeCalls ? PosixOpening.open(this) : ChannelOpening.open(this);
  }

  /** Opens a file for writing: a new, empty one, or what there was, unchanged so far. */
  OpenFile create() throws IOException {
    requireDirectPossible();
    return nativeCalls ? PosixOpening.create(this) : ChannelOpening.create(this);
  }

  /** The same, without writing. */
  FileAccess readOnly() {
    return new FileAccess(fileName, path, false, direct, nativeCalls, aio);
  }

  /** The same, through the host's page cache. */
  FileAccess buffered() {
    return new FileAccess(fileName, path, writable, false, nativeCalls, aio);
  }

  /** The refusal of what is neither a regular file nor a device that can be an image. */
  BlockException notRegular() {
    return new UnsupportedFeatureException(
        "'file' driver requires '%s' to be a regular file".formatted(fileName));
  }

  private void requireDirectPossible() throws UnsupportedFeatureException {
    if (direct && !nativeCalls) {
      throw new UnsupportedFeatureException(
          "Could not open '%s': cache.direct=on needs native=on, on Linux".formatted(fileName));
    }
  }
}

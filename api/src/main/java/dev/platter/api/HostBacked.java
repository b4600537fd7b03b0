package dev.platter.api;

import java.nio.file.Path;

/**
 * A protocol node whose bytes are those of one host file.
 *
 * <p>The graph asks it for what names inside images are relative to, and to find chains that loop.
 */
public interface HostBacked {
  /** The file's path, as it was opened. */
  Path path();

  /**
   * What identifies the file on this host whatever its path: (device, inode) on POSIX. Two nodes
   * with equal keys are one file.
   */
  Object fileKey();

  /** Bytes of storage that the file occupies on the host. */
  long allocatedBytes() throws java.io.IOException;
}

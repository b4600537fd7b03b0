package dev.platter.file;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Finds out what the host said behind an exception of Java's, which hides the number. */
final class ChannelErrors {
  private ChannelErrors() {}

  /** The refusal of an open; one of our own passes unchanged. */
  static BlockException opening(String fileName, IOException e) {
    return e instanceof BlockException known
        ? known
        : withCause(BlockIoException.opening(fileName, errno(e)), e);
  }

  /** The refusal of a creation; one of our own passes unchanged. */
  static BlockException creating(String fileName, IOException e) {
    return e instanceof BlockException known
        ? known
        : withCause(BlockIoException.creating(fileName, errno(e)), e);
  }

  /** The host's error; {@link Errno#EIO} if it cannot be told. */
  static Errno errno(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> Errno.ENOENT;
      case AccessDeniedException _ -> Errno.EACCES;
      case FileSystemException failure -> byText(failure.getReason());
      default -> byText(e.getMessage());
    };
  }

  /** Java passes on the C library's words. */
  private static Errno byText(String text) {
    for (Errno errno : Errno.values()) {
      if (text != null && text.contains(errno.text())) {
        return errno;
      }
    }
    return Errno.EIO;
  }

  private static BlockException withCause(BlockException failure, IOException cause) {
    failure.initCause(cause);
    return failure;
  }
}

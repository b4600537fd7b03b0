package dev.platter.file;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/** Opens and creates files by Java's channels. */
final class ChannelOpening {
  private static final int S_IFMT = 0xf000;
  private static final int S_IFBLK = 0x6000;
  private static final int S_IFCHR = 0x2000;

  private ChannelOpening() {}

  static OpenFile open(FileAccess access) throws IOException {
    Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.READ);
    if (access.writable()) {
      options.add(StandardOpenOption.WRITE);
    }
    try {
      if (access.writable() && Files.isDirectory(access.path())) {
        throw BlockIoException.opening(access.fileName(), Errno.EISDIR);
      }
      // Before the open, because the open of a named pipe would wait for its other end.
      if (!Files.notExists(access.path())
          && !Files.isRegularFile(access.path())
          && !isDevice(access.path())) {
        throw access.notRegular();
      }
      return open(access, options);
    } catch (IOException e) {
      throw ChannelErrors.opening(access.fileName(), e);
    }
  }

  static OpenFile create(FileAccess access) throws IOException {
    try {
      return open(
          access,
          EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    } catch (IOException e) {
      throw ChannelErrors.creating(access.fileName(), e);
    }
  }

  private static OpenFile open(FileAccess access, Set<StandardOpenOption> options)
      throws IOException {
    FileChannel channel = FileChannel.open(access.path(), options);
    try {
      return new ChannelFile(
          access.fileName(), channel, keyOf(access.path()), isDevice(access.path()));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static FileKey keyOf(Path path) throws IOException {
    if (!hasUnixView(path)) {
      return FileKey.of(path.toRealPath().toString());
    }
    return FileKey.of(
        (long) Files.getAttribute(path, "unix:dev"), (long) Files.getAttribute(path, "unix:ino"));
  }

  /** Whether it is a device that can be an image. */
  private static boolean isDevice(Path path) throws IOException {
    if (!hasUnixView(path)) {
      return false;
    }
    int type = (int) Files.getAttribute(path, "unix:mode") & S_IFMT;
    return type == S_IFBLK
        || (type == S_IFCHR && EmptyDevices.include((long) Files.getAttribute(path, "unix:rdev")));
  }

  private static boolean hasUnixView(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }
}

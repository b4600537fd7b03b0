package dev.platter.api.error;

/** The host's error codes that the block layer tells apart. */
public enum Errno {
  EIO(5, "Input/output error"),
  ENOSPC(28, "No space left on device"),
  EDQUOT(122, "Disk quota exceeded"),
  EFBIG(27, "File too large"),
  EROFS(30, "Read-only file system"),
  EPERM(1, "Operation not permitted"),
  ENOENT(2, "No such file or directory"),
  EINTR(4, "Interrupted system call"),
  ENXIO(6, "No such device or address"),
  EBADF(9, "Bad file descriptor"),
  EAGAIN(11, "Resource temporarily unavailable"),
  ENOMEM(12, "Cannot allocate memory"),
  EACCES(13, "Permission denied"),
  EBUSY(16, "Device or resource busy"),
  EEXIST(17, "File exists"),
  ENODEV(19, "No such device"),
  ENOTDIR(20, "Not a directory"),
  EISDIR(21, "Is a directory"),
  EINVAL(22, "Invalid argument"),
  ENFILE(23, "Too many open files in system"),
  EMFILE(24, "Too many open files"),
  ETXTBSY(26, "Text file busy"),
  ENAMETOOLONG(36, "File name too long"),
  ELOOP(40, "Too many levels of symbolic links"),
  ENOTSUP(95, "Operation not supported"),
  ETIMEDOUT(110, "Connection timed out");

  private final int code;
  private final String text;

  Errno(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** The number on Linux. */
  public int code() {
    return code;
  }

  /** The C library's words for it. */
  public String text() {
    return text;
  }

  /** Whether it says that space has run out: what {@code werror=enospc} stops on. */
  public boolean outOfSpace() {
    return this == ENOSPC || this == EDQUOT;
  }

  /** The constant with this Linux number; {@link #EIO} for one that is not told apart. */
  public static Errno of(int code) {
    for (Errno errno : values()) {
      if (errno.code == code) {
        return errno;
      }
    }
    return EIO;
  }
}

package dev.platter.file;

/**
 * What identifies a file on this host, whatever its path and whatever the means by which it was
 * opened.
 *
 * @param device the number of the device that holds it, as {@code st_dev} has it
 * @param inode its number there
 * @param path distinguishes files where the host has no such numbers; empty where it has
 */
record FileKey(long device, long inode, String path) {

  static FileKey of(long device, long inode) {
    return new FileKey(device, inode, "");
  }

  static FileKey of(String realPath) {
    return new FileKey(0, 0, realPath);
  }

  // What a record has of itself is linked at run time, for some milliseconds of every command.

  @Override
  public boolean equals(Object other) {
    return other instanceof FileKey key
        && key.device == device
        && key.inode == inode
        && key.path.equals(path);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(device) * 31 + Long.hashCode(inode) + path.hashCode();
  }
}

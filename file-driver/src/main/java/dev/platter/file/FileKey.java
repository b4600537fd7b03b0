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
}

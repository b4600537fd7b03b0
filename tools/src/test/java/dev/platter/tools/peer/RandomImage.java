package dev.platter.tools.peer;

import java.util.List;

/** An image of a random sequence: how commands name it, and what the next ones go by. */
final class RandomImage {
  static final String SECRET = "--object secret,id=s,data=passphrase";

  private static final int LARGE_CLUSTER_BYTES = 1 << 19;

  private final String path;
  private final String format;
  private final int clusterBytes;
  private final boolean encrypted;
  private final boolean external;
  private final boolean backed;
  private final boolean smallRefcounts;
  private final boolean narrowRefcounts;
  private final boolean extended;
  private final boolean zstd;
  private final boolean luks;
  private boolean version2;
  private boolean withBitmaps;
  private boolean withSnapshots;
  private boolean compressed;
  private boolean allocatedOtherwise;
  private boolean resized;
  private boolean withVmState;
  private long size;

  /**
   * A raw image, or one whose options its command line says.
   *
   * @param options what follows {@code -o}
   */
  RandomImage(
      String path, String format, int clusterBytes, String options, long size, boolean backed) {
    this.path = path;
    this.format = format;
    this.clusterBytes = clusterBytes;
    this.encrypted = options.contains("key-secret");
    this.external = options.contains("data_file");
    this.smallRefcounts = List.of(options.split(",", -1)).contains("refcount_bits=1");
    this.narrowRefcounts = List.of(options.split(",", -1)).contains("refcount_bits=2");
    this.version2 = options.contains("compat=0.10");
    this.extended = options.contains("extended_l2=on");
    this.zstd = options.contains("compression_type=zstd");
    this.luks = format.equals("luks") || options.contains("encrypt.format=luks");
    this.backed = backed;
    this.size = size;
  }

  String path() {
    return path;
  }

  String format() {
    return format;
  }

  boolean isQcow2() {
    return format.equals("qcow2");
  }

  int clusterBytes() {
    return clusterBytes;
  }

  boolean isEncrypted() {
    return encrypted;
  }

  /** Whether its keys lie in slots, of a LUKS header. */
  boolean hasKeySlots() {
    return luks;
  }

  /** Whether QEMU can change the width of its refcounts, and within a minute. */
  boolean isWidened() {
    return !encrypted && !external && clusterBytes < LARGE_CLUSTER_BYTES;
  }

  boolean hasDataFile() {
    return external;
  }

  boolean hasSubclusters() {
    return extended;
  }

  /** Whether there was a layer below at first. */
  boolean hasBacking() {
    return backed;
  }

  boolean isVersion2() {
    return version2;
  }

  void setVersion2(boolean version2) {
    this.version2 = version2;
  }

  /** Whether there may be clusters that zstd has compressed. */
  boolean needsZstd() {
    return zstd && compressed;
  }

  /** Whether there may be compressed clusters. */
  boolean hasCompressed() {
    return compressed;
  }

  void setCompressed() {
    compressed = true;
  }

  boolean hasBitmaps() {
    return withBitmaps;
  }

  void addBitmap() {
    withBitmaps = true;
  }

  /** Whether a snapshot may have been taken. */
  boolean hasSnapshots() {
    return withSnapshots;
  }

  void addSnapshot() {
    withSnapshots = true;
  }

  /** Whether its refcounts have one bit. */
  boolean hasSmallRefcounts() {
    return smallRefcounts;
  }

  /** Whether its refcounts have two bits. */
  boolean hasNarrowRefcounts() {
    return narrowRefcounts;
  }

  /**
   * Whether QEMU may have allocated more in its image, or less: something was committed to it, in
   * pieces of 64 KiB; it was copied from an image that has its holes elsewhere; or it was copied to
   * on read, where QEMU looks for zeros in the part of each L2 table.
   */
  boolean isAllocatedOtherwise() {
    return allocatedOtherwise;
  }

  void setAllocatedOtherwise() {
    allocatedOtherwise = true;
  }

  /** Bytes of the disk, if every command so far did what it says. */
  long size() {
    return size;
  }

  void setSize(long size) {
    this.size = size;
    this.resized = true;
  }

  /** Whether no command was to change its size; others may have failed. */
  boolean hasFirstSize() {
    return !resized;
  }

  /** Whether a machine's state may lie behind the disk. */
  boolean hasVmState() {
    return withVmState;
  }

  void addVmState() {
    withVmState = true;
  }

  /** The image as the last argument of a command that takes {@code -f}. */
  String argument() {
    return encrypted ? SECRET + " --image-opts " + options() : "-f " + format + " " + path;
  }

  /** The image for {@code --image-opts}. */
  String options() {
    return options("", "", false);
  }

  /**
   * The image as a part of an option string.
   *
   * @param prefix what stands before each key
   * @param setting what else the image is opened with, or nothing
   * @param debugged whether its file lies behind {@code blkdebug}
   */
  String options(String prefix, String setting, boolean debugged) {
    StringBuilder options = new StringBuilder(prefix + "driver=" + format + ",");
    if (encrypted) {
      options.append(prefix).append(isQcow2() ? "encrypt." : "").append("key-secret=s,");
    }
    if (!setting.isEmpty()) {
      options.append(prefix).append(setting).append(',');
    }
    String file = prefix + "file.";
    if (debugged) {
      options.append(file).append("driver=blkdebug,");
      options.append(file).append("image.driver=file,");
      file += "image.";
    }
    return options.append(file).append("filename=").append(path).toString();
  }

  /** Two images, for {@code compare}. */
  static String pair(RandomImage one, RandomImage other) {
    return one.encrypted || other.encrypted
        ? "%s --image-opts %s %s".formatted(SECRET, one.options(), other.options())
        : "-f %s -F %s %s %s".formatted(one.format, other.format, one.path, other.path);
  }
}

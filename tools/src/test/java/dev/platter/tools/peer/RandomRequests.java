package dev.platter.tools.peer;

import java.util.Random;

/**
 * Draws requests to a disk, as a command line of {@code io}. Encrypted images get no compressed
 * data: QEMU stores it in the clear. What is compressed is one cluster: of more, QEMU writes some
 * also if others fail. It comes before all that is not: QEMU 7.2 packs compressed data into a
 * cluster that has been freed meanwhile and holds other data. With a data file and bitmaps there is
 * none: QEMU marks what it refuses to write. Images with subclusters are not copied to on read:
 * QEMU 7.2 aborts where a part of a cluster is there.
 */
final class RandomRequests {
  private static final int SECTOR_BYTES = 512;

  /** With clusters up to this size a disk of a few megabytes has several L2 tables. */
  private static final int LARGEST_SPLIT = 2048;

  private final Random random;

  RandomRequests(Random random) {
    this.random = random;
  }

  /** One to eight requests to an image, in one command line. */
  String draw(RandomImage image) {
    StringBuilder line = new StringBuilder("io");
    line.append(random.nextBoolean() ? " -d unmap" : "");
    RandomView view = RandomView.drawFiltered(image, random);
    boolean copies = !image.isEncrypted() && !image.hasSubclusters() && !view.isFiltered();
    String mode =
        switch (random.nextInt(16)) {
          case 0, 1 -> " -t unsafe";
          case 2, 3 -> " -t writethrough";
          case 4, 5 -> copies ? " -C" : "";
          case 6 -> " -r";
          default -> "";
        };
    line.append(mode);
    if ((mode.equals(" -C") || view.copiesOnRead()) && image.clusterBytes() <= LARGEST_SPLIT) {
      image.setAllocatedOtherwise();
    }
    boolean compresses = !image.isEncrypted() && (image.isQcow2() || random.nextInt(8) == 0);
    compresses &= !image.hasDataFile() || (!image.hasBitmaps() && random.nextInt(8) == 0);
    if (random.nextInt(12) == 0 && compresses && mayBeCompressedByFilter(image)) {
      return line + compressedByFilter(image);
    }
    int compressedCount = random.nextInt(3) == 0 && compresses ? random.nextInt(5) : 0;
    for (int i = 0; i < compressedCount; i++) {
      image.setCompressed();
      line.append(" -c '").append(compressed(image)).append('\'');
    }
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      line.append(" -c '").append(request(image, view.isFiltered())).append('\'');
    }
    return line + view.argument();
  }

  /**
   * QEMU opens no image through the filter if its last cluster is cut off, and opens those with a
   * data file although it then compresses nothing.
   */
  private static boolean mayBeCompressedByFilter(RandomImage image) {
    return image.isQcow2() && !image.hasDataFile() && image.size() % image.clusterBytes() == 0;
  }

  /** Writes of a cluster each, through the filter that compresses. */
  private String compressedByFilter(RandomImage image) {
    StringBuilder writes = new StringBuilder();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      image.setCompressed();
      writes.append(" -c '").append(compressed(image).replace(" -c", "")).append('\'');
    }
    return writes + RandomView.compressing(image).argument();
  }

  private String request(RandomImage image, boolean filtered) {
    long length = length(image);
    long offset = offset(image);
    String range = offset + " " + length;
    int pattern = 1 + random.nextInt(255);
    return switch (random.nextInt(18)) {
      case 0 -> zeros(image, "write -z ", offset, length);
      case 1 -> zeros(image, "write -z -u ", offset, length);
      case 2, 3 -> "discard " + range;
      case 4 -> "writev -P %d %d %d 512 1000".formatted(pattern, offset, length);
      case 5 -> "aio_write -P %d %s".formatted(pattern, range) + "' -c 'aio_flush";
      case 6 -> "read -v %d 64".formatted(offset);
      case 7 -> "read -P %d %s".formatted(pattern, range);
      case 8 -> "write -f -P %d %s".formatted(pattern, range);
      case 9 -> "write -P 0 " + range;
      case 10, 11 -> seldom(image, filtered);
      case 12 -> notedZeros(image, filtered, offset);
      case 13 -> asynchronous(image, offset, length);
      case 14 -> vmState(image, filtered);
      default -> "write -P %d %s".formatted(pattern, range);
    };
  }

  /**
   * Zeros, of whole clusters where there is a layer below, and none in an image of version 2 there:
   * QEMU stores what it cannot note, also where zeros show through already; and all of what ends
   * within a compressed cluster that has subclusters. In encrypted images it stores parts of
   * sectors.
   */
  private String zeros(RandomImage image, String command, long offset, long length) {
    if (image.hasSubclusters() && image.hasCompressed()) {
      image.setAllocatedOtherwise();
    }
    if (!image.hasBacking()) {
      int unit = image.isEncrypted() ? SECTOR_BYTES : 1;
      return command + offset / unit * unit + " " + (length + unit - 1) / unit * unit;
    }
    if (image.isVersion2()) {
      return "read " + offset + " " + length;
    }
    long cluster = image.clusterBytes();
    long start = offset / cluster * cluster;
    return command + start + " " + cluster * (1 + random.nextInt(3));
  }

  /** Reads, or zeros, that are waited for later. */
  private String asynchronous(RandomImage image, long offset, long length) {
    String request =
        switch (random.nextInt(3)) {
          case 0 -> zeros(image, "aio_write -z ", offset, length);
          case 1 -> zeros(image, "aio_write -z -u ", offset, length);
          default -> "aio_read -P 0 %d %d".formatted(offset, length);
        };
    return request + "' -c 'aio_flush";
  }

  /**
   * A machine's state, behind disks that keep their size: QEMU lets it show where a disk grows.
   * With a data file there is none.
   */
  private String vmState(RandomImage image, boolean filtered) {
    if (!image.isQcow2() || image.hasDataFile() || filtered || !image.hasFirstSize()) {
      return "length";
    }
    image.addVmState();
    long offset = (long) SECTOR_BYTES * random.nextInt(500);
    long length = (long) SECTOR_BYTES * (1 + random.nextInt(200));
    int pattern = random.nextInt(4);
    String request = random.nextBoolean() ? "write -b -P %d %d %d" : "read -b -P %d %d %d";
    return request.formatted(pattern, offset, length);
  }

  /**
   * Zeros that are noted or not written at all, by the cluster: what cannot be noted is not asked.
   */
  private String notedZeros(RandomImage image, boolean filtered, long offset) {
    long cluster = image.clusterBytes();
    return filtered || !image.isQcow2() || image.isVersion2() || image.hasDataFile()
        ? "length"
        : "write -z -n %d %d".formatted(offset / cluster * cluster, cluster);
  }

  private String seldom(RandomImage image, boolean filtered) {
    return switch (random.nextInt(7)) {
      case 0 -> "flush";
      case 1 -> "length";
      case 2 ->
          filtered ? "length" : "reopen -o lazy-refcounts=" + (random.nextBoolean() ? "on" : "off");
      case 3 -> image.isAllocatedOtherwise() ? "length" : "map";
      case 4 -> "readv -v %d 16 48".formatted(offset(image));
      case 5 -> "read -P 0 -s 100 -l 300 %d 512".formatted(offset(image));
      default -> "alloc 0";
    };
  }

  private String compressed(RandomImage image) {
    int pattern = 1 + random.nextInt(255);
    long cluster = image.clusterBytes();
    long count = Math.max(1, image.size() / cluster);
    return "write -c -P %d %d %d".formatted(pattern, random.nextLong(count) * cluster, cluster);
  }

  private long offset(RandomImage image) {
    long offset = random.nextLong(Math.max(1, image.size()));
    return switch (random.nextInt(4)) {
      case 0 -> offset;
      case 1 -> offset / 512 * 512;
      default -> offset / image.clusterBytes() * image.clusterBytes();
    };
  }

  private long length(RandomImage image) {
    return switch (random.nextInt(5)) {
      case 0 -> 1 + random.nextInt(1000);
      case 1 -> 512L * (1 + random.nextInt(16));
      case 2 -> image.clusterBytes() * (1L + random.nextInt(4));
      case 3 -> 4096L * (1 + random.nextInt(64));
      default -> 1 + random.nextInt(200_000);
    };
  }
}

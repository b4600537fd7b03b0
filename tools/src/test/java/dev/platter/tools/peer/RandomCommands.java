package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Command lines about a chain of images, drawn from a seed. {@code DIR} stands for a folder.
 *
 * <p>Zero-writes are of whole clusters, images of version 2 get none, and no overlay is shorter
 * than its backing file. Otherwise QEMU notes zeros in an image, or writes them, where Platter
 * finds that they are there already: contents agree, maps do not.
 */
final class RandomCommands {
  private static final int KIB = 1024;
  private static final List<String> CLUSTER_SIZES = List.of("512", "4k", "16k", "64k", "256k");
  private static final List<String> PREALLOCATIONS = List.of("metadata", "falloc", "full");

  private final Random random;
  private final List<String> images = new ArrayList<>();
  private final List<String> formats = new ArrayList<>();
  private boolean zeroWrites;
  private boolean wholeClustersOnly;
  private long sizeKib;
  private int convertedCount;

  RandomCommands(long seed) {
    this.random = new Random(seed);
  }

  /** The images, from the base up. */
  List<String> images() {
    return List.copyOf(images);
  }

  /** The command lines that make the chain. */
  List<String> create() {
    sizeKib = 64L * (1 + random.nextInt(64)) + random.nextInt(2) * 17L;
    List<String> lines = new ArrayList<>();
    boolean rawBase = random.nextInt(3) == 0;
    int layers = 1 + random.nextInt(3);
    for (int i = 0; i < layers; i++) {
      String format = i == 0 && rawBase ? "raw" : "qcow2";
      StringBuilder line = new StringBuilder("img create -f " + format);
      zeroWrites = true;
      wholeClustersOnly = format.equals("qcow2");
      if (format.equals("qcow2")) {
        String clusterSize = pick(CLUSTER_SIZES);
        line.append(" -o cluster_size=").append(clusterSize);
        boolean version2 = random.nextInt(4) == 0;
        line.append(version2 ? ",compat=0.10" : ",compat=1.1");
        zeroWrites = !version2;
        line.append(random.nextInt(4) == 0 ? ",refcount_bits=16" : "");
        boolean wholeBlocks = !clusterSize.equals("512"); // else holes depend on its neighbours
        if (i == 0 && wholeBlocks && random.nextInt(2) == 0) {
          line.append(",preallocation=").append(pick(PREALLOCATIONS));
        }
      }
      if (i > 0) {
        line.append(" -b layer").append(i - 1).append(" -F ").append(formats.getLast());
        sizeKib += 64L * random.nextInt(3);
      }
      String name = "DIR/layer" + i;
      lines.add(line + " " + name + " " + sizeKib + "k");
      images.add(name);
      formats.add(format);
      lines.add(write(name, format));
    }
    return lines;
  }

  /** One more command line. */
  List<String> next() {
    String top = images.getLast();
    String format = formats.getLast();
    return switch (random.nextInt(10)) {
      case 0 -> List.of("img info --output=json --backing-chain " + top);
      case 1 -> List.of("img map --output=json " + top);
      case 2 -> List.of("img check " + top);
      case 3 -> resize(top, format);
      case 4 -> convert(top);
      case 5 -> List.of("img compare -f %s %s %s".formatted(format, top, images.getFirst()));
      case 6 -> List.of("io -r -c length -c 'read -v 0 512' -c info -f " + format + " " + top);
      default -> List.of(write(top, format));
    };
  }

  private List<String> resize(String name, String format) {
    boolean shrink = images.size() == 1 && random.nextInt(4) == 0 && sizeKib > 256;
    sizeKib += shrink ? -64 : 64 * random.nextInt(8);
    String option = shrink ? " --shrink" : "";
    return List.of("img resize -f %s%s %s %dk".formatted(format, option, name, sizeKib));
  }

  private List<String> convert(String name) {
    String copy = "DIR/copy" + convertedCount++;
    String format = random.nextBoolean() ? "raw" : "qcow2";
    String option = random.nextInt(3) == 0 ? " -S 0" : "";
    String order = random.nextInt(3) == 0 ? " -W -m 3" : "";
    return List.of(
        "img convert -O %s%s%s %s %s".formatted(format, option, order, name, copy),
        "img compare -F %s %s %s".formatted(format, name, copy),
        "img check -q -f %s %s".formatted(format, copy));
  }

  private String write(String name, String format) {
    StringBuilder line = new StringBuilder("io -f ").append(format);
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      line.append(" -c '").append(request()).append('\'');
    }
    return line + " " + name;
  }

  private String request() {
    long length = length();
    long offset = random.nextLong(sizeKib * KIB);
    if (random.nextInt(3) > 0) {
      offset = offset / 4096 * 4096;
    }
    String range = offset + " " + length;
    int pattern = 1 + random.nextInt(255);
    return switch (random.nextInt(12)) {
      case 0 -> zeroWrite("write -z ", offset, range);
      case 1 -> zeroWrite("write -z -u ", offset, range);
      case 2 -> "discard " + offset / 4096 * 4096 + " " + (4096 + length / 4096 * 4096);
      case 3 -> "writev -P %d %d %d 512 1000".formatted(pattern, offset, length);
      case 4 -> "aio_write -P %d %s".formatted(pattern, range) + "' -c 'aio_flush";
      case 5 -> "read -v %d 64".formatted(offset);
      case 6 -> "read -P %d %s".formatted(pattern, range);
      case 7 -> "write -f -P %d %s".formatted(pattern, range);
      case 8 -> "write -P 0 " + range;
      default -> "write -P %d %s".formatted(pattern, range);
    };
  }

  private String zeroWrite(String command, long offset, String range) {
    if (!zeroWrites) {
      return "read " + range;
    }
    long largest = 256L * KIB;
    return command + (wholeClustersOnly ? offset / largest * largest + " " + largest : range);
  }

  private long length() {
    return switch (random.nextInt(4)) {
      case 0 -> 1 + random.nextInt(1000);
      case 1 -> 512L * (1 + random.nextInt(16));
      case 2 -> 4096L * (1 + random.nextInt(64));
      default -> 1 + random.nextInt(200_000);
    };
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }
}

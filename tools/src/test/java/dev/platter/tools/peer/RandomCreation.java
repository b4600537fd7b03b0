package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Draws images with any of the options that {@code img create} takes. */
final class RandomCreation {
  private static final List<String> CLUSTER_SIZES =
      List.of(
          "512", "1024", "2048", "4096", "8192", "16384", "32768", "65536", "131072", "262144",
          "524288", "1048576", "2097152");
  private static final List<String> PREALLOCATIONS = List.of("off", "metadata", "falloc", "full");
  private static final int SMALLEST_EXTENDED_CLUSTER = 16384;

  private final Random random;

  RandomCreation(Random random) {
    this.random = random;
  }

  /** A new image, and the command that makes it. */
  record Created(RandomImage image, String command) {}

  /**
   * Draws an image.
   *
   * @param size bytes of the disk
   * @param backing the image below, if there is one
   * @param top whether nothing will lie above it; if not, it is not encrypted
   */
  Created draw(String path, long size, Optional<RandomImage> backing, boolean top) {
    String options = options(path, backing.isPresent(), top);
    String below = "";
    String length = " " + size;
    if (backing.isPresent()) {
      RandomImage image = backing.get();
      boolean listed = random.nextInt(4) == 0;
      String form = listed ? " -o backing_file=%s,backing_fmt=%s" : " -b %s -F %s";
      below = form.formatted(argument(image), image.format());
      below += random.nextInt(8) == 0 ? " -u" : "";
      boolean same = image.size() == size && !below.endsWith("-u");
      length = same && random.nextBoolean() ? "" : length;
    }
    String secret = options.contains("key-secret") ? " " + RandomImage.SECRET : "";
    RandomImage image =
        new RandomImage(path, "qcow2", clusterBytes(options), options, size, backing.isPresent());
    return new Created(
        image,
        "img create -f qcow2%s%s -o %s %s%s".formatted(secret, below, options, path, length));
  }

  /** A raw image, and the command that makes it. */
  Created drawRaw(String path, long size) {
    String preallocation =
        random.nextInt(3) == 0 ? " -o preallocation=" + pick("off", "falloc", "full") : "";
    return new Created(
        new RandomImage(path, "raw", 512, "", size, false),
        "img create -f raw%s %s %d".formatted(preallocation, path, size));
  }

  /** A LUKS volume, and the command that makes it. */
  Created drawLuks(String path, long size) {
    String options = "key-secret=s," + luksOptions("");
    return new Created(
        new RandomImage(path, "luks", 512, options, size, false),
        "img create %s -f luks -o %s %s %d".formatted(RandomImage.SECRET, options, path, size));
  }

  /** How a volume is encrypted, its key derived quickly; without aes-192, of which QEMU dies. */
  String luksOptions(String prefix) {
    List<String> options = new ArrayList<>(List.of(prefix + "iter-time=10"));
    boolean xts = random.nextBoolean();
    if (random.nextInt(3) == 0) {
      options.add(prefix + "cipher-alg=aes-" + pick("128", "256"));
      options.add(prefix + "cipher-mode=" + (xts ? "xts" : "cbc"));
      options.add(
          prefix
              + pick(
                  "ivgen-alg=plain",
                  "ivgen-alg=plain64",
                  "ivgen-alg=essiv," + prefix + "ivgen-hash-alg=sha256"));
    }
    if (random.nextInt(3) == 0) {
      options.add(prefix + "hash-alg=" + pick("sha1", "sha256", "sha512"));
    }
    return String.join(",", options);
  }

  /** What an image is called where another one names it. */
  private static String argument(RandomImage backing) {
    return backing.path().substring(backing.path().lastIndexOf('/') + 1);
  }

  /** What may follow {@code -o} for an image that goes to this path. */
  String options(String path, boolean withBacking, boolean mayBeEncrypted) {
    List<String> options = new ArrayList<>();
    int clusterBytes = Integer.parseInt(pick(CLUSTER_SIZES));
    options.add("cluster_size=" + clusterBytes);
    boolean extended = false;
    boolean encrypted = mayBeEncrypted && random.nextInt(7) == 0;
    if (random.nextInt(6) == 0) {
      options.add("compat=0.10");
    } else {
      extended = clusterBytes >= SMALLEST_EXTENDED_CLUSTER && random.nextInt(3) == 0;
      addVersion3(options, extended);
      if (random.nextInt(6) == 0) {
        boolean raw = !withBacking && !encrypted && random.nextBoolean();
        options.add("data_file=" + path + ".data" + (raw ? ",data_file_raw=on" : ""));
      }
    }
    if (encrypted) {
      boolean luks = random.nextBoolean();
      options.add("encrypt.format=" + (luks ? "luks" : "aes"));
      options.add("encrypt.key-secret=s");
      if (luks) {
        options.add(luksOptions("encrypt."));
      }
    } else if ((!withBacking || extended) && random.nextInt(3) == 0) {
      options.add("preallocation=" + pick(PREALLOCATIONS));
    }
    if (random.nextInt(12) == 0) {
      options.add(pick("nocow=off", "nocow=on", "extent_size_hint=1M", "extent_size_hint=0"));
    }
    return String.join(",", options);
  }

  private void addVersion3(List<String> options, boolean extended) {
    if (extended) {
      options.add("extended_l2=on");
    }
    if (random.nextInt(3) == 0) {
      options.add("refcount_bits=" + (1 << random.nextInt(7)));
    }
    if (random.nextInt(4) == 0) {
      options.add("lazy_refcounts=on");
    }
    if (random.nextInt(4) == 0) {
      options.add("compression_type=zstd");
    }
  }

  private static int clusterBytes(String options) {
    String first = options.split(",", -1)[0];
    return Integer.parseInt(first.substring(first.indexOf('=') + 1));
  }

  private String pick(String... words) {
    return pick(List.of(words));
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }
}

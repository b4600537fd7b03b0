package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws commands that change what an image is: its snapshots, bitmaps, size, and what {@code amend}
 * changes. {@link RandomCommands} says what is left out.
 */
final class RandomChanges {
  private static final int SECTOR_BYTES = 512;
  private static final List<String> PREALLOCATIONS = List.of("off", "metadata", "falloc", "full");

  private final Random random;

  RandomChanges(Random random) {
    this.random = random;
  }

  /** Takes, deletes, lists snapshots, or goes back to one. */
  String snapshot(RandomImage image) {
    String name = " s" + random.nextInt(3);
    boolean applies =
        image.isQcow2()
            && !image.hasNarrowRefcounts()
            && (image.hasFirstSize() || !image.hasVmState());
    int kind = !image.hasSnapshots() && random.nextInt(8) > 0 ? 4 : random.nextInt(5);
    String change =
        switch (kind) {
          case 0 -> !applies ? " -d" + name : " -a" + (random.nextInt(3) == 0 ? " 1" : name);
          case 1 -> " -d" + name;
          case 2 -> " -l";
          default -> image.hasSmallRefcounts() ? " -l" : " -c" + name;
        };
    image.addSnapshot();
    return "img snapshot" + change + RandomView.draw(image, random).argumentWithoutFormat();
  }

  /**
   * Changes a bitmap, in one way or two.
   *
   * @param others images that bitmaps may be merged from
   */
  String bitmap(RandomImage image, List<RandomImage> others) {
    boolean first = !image.hasBitmaps() && random.nextInt(8) > 0;
    String change = first ? addition() : bitmapChange();
    if (random.nextInt(4) == 0) {
      change += bitmapChange();
    }
    RandomImage other = others.get(random.nextInt(others.size()));
    if (change.contains("--merge") && !other.isEncrypted() && random.nextInt(3) == 0) {
      change += " -F %s -b %s".formatted(other.format(), other.path());
    }
    image.addBitmap();
    String name = " b" + random.nextInt(2);
    return "img bitmap" + change + RandomView.draw(image, random).argument() + name;
  }

  private String bitmapChange() {
    return switch (random.nextInt(8)) {
      case 0 -> " --remove";
      case 1 -> " --clear";
      case 2 -> " --enable";
      case 3 -> " --disable";
      case 4, 5 -> " --merge b" + random.nextInt(2);
      default -> addition();
    };
  }

  private String addition() {
    return " --add"
        + (random.nextInt(3) == 0 ? " --disable" : "")
        + (random.nextInt(3) == 0 ? "" : " -g " + (512 << random.nextInt(9)));
  }

  /** Gives the disk another size: by {@code resize}, {@code truncate} or {@code amend}. */
  String resize(RandomImage image) {
    boolean volume = image.format().equals("luks");
    boolean shrink = (volume || random.nextInt(3) == 0) && !image.hasBacking();
    boolean whole = image.size() % image.clusterBytes() == 0;
    if (image.hasVmState() || (!shrink && !whole && image.hasBacking())) {
      return "img check " + image.argument();
    }
    boolean preallocate =
        random.nextBoolean()
            && whole
            && !shrink
            && !image.isEncrypted()
            && !(image.isVersion2() && image.hasBacking());
    String preallocation = preallocate ? pick(PREALLOCATIONS) : "";
    long before = image.size();
    image.setSize(newSize(image, shrink));
    boolean relative = image.size() > before && random.nextInt(3) == 0;
    String text = relative ? "+" + (image.size() - before) : "" + image.size();
    String argument = RandomView.draw(image, random).argument();
    return switch (random.nextInt(6)) {
      case 0 ->
          "io -c 'truncate%s %d'%s"
              .formatted(preallocate ? " -m " + preallocation : "", image.size(), argument);
      case 1 ->
          image.isQcow2()
              ? "img amend -o size=%d%s".formatted(image.size(), argument)
              : "img resize --shrink%s %s".formatted(argument, text);
      default -> {
        String option =
            shrink ? " --shrink" : preallocate ? " --preallocation=" + preallocation : "";
        yield "img resize%s%s %s".formatted(option, argument, text);
      }
    };
  }

  /** A disk is cut between clusters: where it grows again, QEMU shows what it had there before. */
  private long newSize(RandomImage image, boolean shrink) {
    long change = SECTOR_BYTES * (long) random.nextInt(1500);
    long size = shrink ? Math.max(SECTOR_BYTES, image.size() - change) : image.size() + change;
    long cluster = image.clusterBytes();
    return shrink || random.nextBoolean() ? (size + cluster - 1) / cluster * cluster : size;
  }

  /**
   * Changes options that an image was created with, key slots among them. QEMU does not note lazy
   * refcounts that the image has been opened with.
   */
  String amend(RandomImage image) {
    boolean slots = image.isEncrypted() && random.nextBoolean();
    List<String> options = new ArrayList<>();
    options.add(slots ? keySlot(image) : amendment(image));
    if (!slots && !options.contains("compat=0.10") && random.nextInt(5) == 0) {
      options.add("lazy_refcounts=" + pick(List.of("on", "off")));
    }
    String object = slots ? " --object secret,id=n,data=another" : "";
    boolean lazy = options.stream().anyMatch(option -> option.startsWith("lazy_refcounts"));
    RandomView view = lazy ? RandomView.plain(image) : RandomView.draw(image, random);
    return "img amend%s -o %s%s".formatted(object, String.join(",", options), view.argument());
  }

  private String amendment(RandomImage image) {
    String option =
        switch (random.nextInt(6)) {
          case 0 -> "lazy_refcounts=" + pick(List.of("on", "off"));
          case 1 ->
              image.hasSmallRefcounts() || !image.isWidened()
                  ? "compat=1.1"
                  : "refcount_bits=" + (16 << random.nextInt(3));
          case 2 -> "compat=1.1";
          case 3 -> refusedOrOfDataFile(image);
          default -> keepsVersion3(image) ? "compat=v3" : "compat=0.10";
        };
    if (option.startsWith("compat")) {
      image.setVersion2(option.endsWith("0.10"));
    }
    return option;
  }

  private static boolean keepsVersion3(RandomImage image) {
    return image.hasBitmaps() || image.needsZstd() || image.isEncrypted();
  }

  private String refusedOrOfDataFile(RandomImage image) {
    return pick(
        List.of(
            "data_file=" + image.path() + ".data",
            "data_file_raw=off",
            "data_file_raw=on",
            "cluster_size=4096",
            "backing_file=none",
            "encrypt.state=inactive",
            "compression_type=zstd"));
  }

  private String keySlot(RandomImage image) {
    String prefix = image.isQcow2() ? "encrypt." : "";
    int slot = random.nextInt(9);
    return switch (random.nextInt(5)) {
      case 0 -> prefix + "state=inactive," + prefix + "old-secret=n";
      case 1 -> prefix + "state=inactive," + prefix + "keyslot=" + slot;
      case 2 ->
          "%sstate=active,%snew-secret=n,%siter-time=10,%skeyslot=%d"
              .formatted(prefix, prefix, prefix, prefix, slot);
      default -> "%sstate=active,%snew-secret=n,%siter-time=10".formatted(prefix, prefix, prefix);
    };
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }
}

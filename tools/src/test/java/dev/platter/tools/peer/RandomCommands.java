package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Command lines about a chain of images, drawn from a seed: every command of {@code img}, and
 * requests by {@code io}. {@code DIR} stands for a folder. Most can succeed, some do not.
 *
 * <p>An overlay does not shrink, nor grow if its last cluster is cut off; nor is anything
 * preallocated behind such a cluster: QEMU notes zeros as far as the disk grows, stores them in the
 * rest of that cluster, or copies it, and Platter does not. Refcounts of one bit are not amended,
 * none to less than 16 bits, and none of an image with a data file or encryption: QEMU does not
 * come to an end. LUKS volumes are written once and do not grow: what was not written is noise. Raw
 * disks are not taken back to a snapshot: QEMU then warns twice that it has guessed their format.
 * With one bit no snapshots are taken: QEMU leaks the clusters of those that it cannot make.
 * Nothing with bitmaps is repaired: QEMU forgets its snapshots. What is compressed by zstd is not
 * to become version 2: QEMU expands zero clusters before it refuses. Where {@linkplain
 * RandomImage#isAllocatedOtherwise QEMU has allocated more}, it is not asked how much.
 */
final class RandomCommands {
  private static final int SECTOR_BYTES = 512;
  private static final int MOST_SECTORS = 6000;
  private static final List<String> PREALLOCATIONS = List.of("off", "metadata", "falloc", "full");

  private final Random random;
  private final RandomCreation creation;
  private final RandomRequests requests;
  private final List<RandomImage> chain = new ArrayList<>();
  private final List<RandomImage> copies = new ArrayList<>();
  private int fileCount;

  RandomCommands(long seed) {
    this.random = new Random(seed);
    this.creation = new RandomCreation(random);
    this.requests = new RandomRequests(random);
  }

  /** All images that the commands so far were about; some may not have come into being. */
  List<RandomImage> images() {
    List<RandomImage> images = new ArrayList<>(chain);
    images.addAll(copies);
    return images;
  }

  /** The command lines that make the chain. */
  List<String> create() {
    List<String> lines = new ArrayList<>();
    long size = SECTOR_BYTES * (1L + random.nextInt(MOST_SECTORS));
    int kind = random.nextInt(12);
    if (kind < 2) {
      add(
          kind == 0 ? creation.drawRaw("DIR/disk", size) : creation.drawLuks("DIR/disk", size),
          lines);
      return lines;
    }
    int layers = 1 + random.nextInt(3);
    if (random.nextInt(3) == 0) {
      RandomCreation.Created base = creation.drawRaw("DIR/base", size);
      add(base, lines);
    }
    for (int i = 0; i < layers; i++) {
      Optional<RandomImage> below =
          chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast());
      add(creation.draw("DIR/layer" + i, size, below, i == layers - 1), lines);
      size += (long) SECTOR_BYTES * random.nextInt(3) * random.nextInt(500);
    }
    return lines;
  }

  private void add(RandomCreation.Created created, List<String> lines) {
    chain.add(created.image());
    lines.add(created.command());
    if (created.image().format().equals("luks")) {
      String written = RandomView.plain(created.image()).argument();
      lines.add("io -c 'write -q 0 %d'%s".formatted(created.image().size(), written));
    }
    lines.add(requests.draw(created.image()));
  }

  /** One more step: a command line, or more. */
  List<String> next() {
    RandomImage top = chain.getLast();
    return switch (random.nextInt(18)) {
      case 0 -> look(top);
      case 1, 2 -> List.of(snapshot(top));
      case 3, 4 -> List.of(bitmap(top));
      case 5, 6 -> List.of(resize(top));
      case 7 -> List.of(amend(top));
      case 8 -> List.of(commit(top));
      case 9 -> List.of(rebase(top));
      case 10, 11 -> convert(top);
      case 12 -> List.of(dd(top));
      default -> List.of(requests.draw(top));
    };
  }

  private List<String> look(RandomImage image) {
    boolean alike = !image.isAllocatedOtherwise() && image.isQcow2();
    boolean json = (random.nextBoolean() && alike) || image.isEncrypted();
    String output = json ? " --output=json" : "";
    RandomView view = RandomView.draw(image, random);
    return switch (random.nextInt(alike ? 6 : 5)) {
      case 0 ->
          List.of(
              "img info --backing-chain -f %s%s %s"
                  .formatted(image.format(), output, image.path()));
      case 1 -> List.of("img check" + output + view.argument());
      case 2 ->
          List.of(
              "img check"
                  + (image.hasBitmaps() ? "" : random.nextBoolean() ? " -r all" : " -r leaks")
                  + output
                  + view.argument());
      case 3 ->
          List.of(
              "img compare%s %s"
                  .formatted(
                      random.nextBoolean() && alike ? " -s" : "",
                      RandomImage.pair(image, chain.getFirst())));
      case 4 ->
          List.of(
              "img measure -O qcow2 -o cluster_size=%d --size %d"
                  .formatted(512 << random.nextInt(9), image.size()));
      default ->
          List.of("img map --output=json" + RandomView.drawFiltered(image, random).argument());
    };
  }

  private String snapshot(RandomImage image) {
    String name = " s" + random.nextInt(3);
    String change =
        switch (random.nextInt(5)) {
          case 0 -> (image.isQcow2() ? " -a" : " -d") + name;
          case 1 -> " -d" + name;
          case 2 -> " -l";
          default -> image.hasSmallRefcounts() ? " -l" : " -c" + name;
        };
    return "img snapshot" + change + RandomView.draw(image, random).argumentWithoutFormat();
  }

  private String bitmap(RandomImage image) {
    String name = " b" + random.nextInt(3);
    String argument = RandomView.draw(image, random).argument();
    String change =
        switch (random.nextInt(8)) {
          case 0 -> " --remove";
          case 1 -> " --clear";
          case 2 -> " --enable";
          case 3 -> " --disable";
          case 4 -> " --merge b" + random.nextInt(3);
          default ->
              " --add"
                  + (random.nextInt(3) == 0 ? " --disable" : "")
                  + (random.nextInt(3) == 0 ? "" : " -g " + (512 << random.nextInt(9)));
        };
    image.addBitmap();
    return "img bitmap" + change + argument + name;
  }

  private String resize(RandomImage image) {
    boolean volume = image.format().equals("luks");
    boolean shrink = (volume || random.nextInt(3) == 0) && !image.hasBacking();
    boolean whole = image.size() % image.clusterBytes() == 0;
    if (!shrink && !whole && image.hasBacking()) {
      return "img check " + image.argument();
    }
    long change = SECTOR_BYTES * (long) random.nextInt(1500);
    long size = shrink ? Math.max(SECTOR_BYTES, image.size() - change) : image.size() + change;
    if (random.nextBoolean()) {
      size = (size + image.clusterBytes() - 1) / image.clusterBytes() * image.clusterBytes();
    }
    boolean preallocate =
        random.nextBoolean()
            && whole
            && !image.isEncrypted()
            && !(image.isVersion2() && image.hasBacking());
    image.setSize(size);
    String option =
        shrink ? " --shrink" : preallocate ? " --preallocation=" + pick(PREALLOCATIONS) : "";
    String argument = RandomView.draw(image, random).argument();
    return "img resize%s%s %d".formatted(option, argument, size);
  }

  private String amend(RandomImage image) {
    String option =
        switch (random.nextInt(4)) {
          case 0 -> "lazy_refcounts=" + (random.nextBoolean() ? "on" : "off");
          case 1 ->
              image.hasSmallRefcounts() || !image.isWidened()
                  ? "compat=1.1"
                  : "refcount_bits=" + (16 << random.nextInt(3));
          case 2 -> "compat=1.1";
          default -> image.hasBitmaps() || image.needsZstd() ? "compat=v3" : "compat=0.10";
        };
    if (option.startsWith("compat")) {
      image.setVersion2(option.endsWith("0.10"));
    }
    return "img amend -o " + option + RandomView.draw(image, random).argument();
  }

  private String commit(RandomImage image) {
    chain.forEach(RandomImage::setAllocatedOtherwise);
    String option = random.nextInt(3) == 0 ? " -d" : "";
    if (chain.size() > 2 && random.nextInt(3) == 0) {
      option += " -b " + chain.get(random.nextInt(chain.size() - 1)).path();
    }
    return "img commit" + option + RandomView.draw(image, random).argument();
  }

  private String rebase(RandomImage image) {
    RandomImage below = chain.get(random.nextInt(chain.size()));
    String target =
        below == image || random.nextInt(4) == 0
            ? " -b ''"
            : " -F %s -b %s".formatted(below.format(), below.path());
    String unsafe = random.nextInt(3) == 0 ? " -u" : "";
    return "img rebase%s%s %s".formatted(unsafe, target, image.argument());
  }

  private List<String> convert(RandomImage image) {
    String path = "DIR/copy" + fileCount++;
    RandomView source = RandomView.drawFiltered(image, random);
    String how =
        (random.nextInt(3) == 0 ? " -S " + pick(List.of("0", "4k")) : "")
            + (random.nextInt(3) == 0 ? " -W -m 3" : "")
            + (random.nextInt(5) == 0 ? " -l s" + random.nextInt(3) : "")
            + (random.nextInt(5) == 0 ? " --bitmaps" : "");
    RandomImage copy;
    int kind = random.nextInt(9);
    if (kind < 3) {
      copy = new RandomImage(path, "raw", SECTOR_BYTES, "", image.size(), false);
    } else if (kind == 3) {
      how = how.replace(" --bitmaps", ""); // refused when the volume is there already, as noise
      String options = "key-secret=s," + creation.luksOptions("");
      how +=
          " -o " + options + (source.objects().contains("secret,") ? "" : " " + RandomImage.SECRET);
      copy = new RandomImage(path, "luks", SECTOR_BYTES, options, image.size(), false);
    } else {
      String options = creation.options(path, false, true);
      boolean compress =
          random.nextInt(3) == 0 && !options.contains("encrypt") && !options.contains("data_file");
      how += (compress ? " -c" : "") + " -o " + options;
      how += options.contains("encrypt") && !image.isEncrypted() ? " " + RandomImage.SECRET : "";
      copy = new RandomImage(path, "qcow2", SECTOR_BYTES, options, image.size(), false);
    }
    copy.setAllocatedOtherwise();
    copies.add(copy);
    return List.of(
        "img convert%s -O %s%s %s".formatted(how, copy.format(), source.argument(), path));
  }

  private String dd(RandomImage image) {
    String path = "DIR/copy" + fileCount++;
    String options =
        " bs=%d count=%d skip=%d"
            .formatted(512 << random.nextInt(8), 1 + random.nextInt(200), random.nextInt(20));
    copies.add(new RandomImage(path, "raw", SECTOR_BYTES, "", image.size(), false));
    String source = RandomView.drawFiltered(image, random).input();
    return "img dd -O raw%s%s of=%s".formatted(source, options, path);
  }

  private String pick(List<String> words) {
    return words.get(random.nextInt(words.size()));
  }
}
